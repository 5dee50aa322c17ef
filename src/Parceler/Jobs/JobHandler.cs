namespace Parceler.Jobs;

/// <summary>Runs the jobs of one kind. A job may run twice: after a crash it begins anew.</summary>
internal abstract class JobHandler
{
    public abstract string Kind { get; }

    /// <summary>Does the work and says what it did, in JSON.</summary>
    /// <exception cref="JobFailedException">It did not succeed for a reason that an operator understands.</exception>
    public abstract Task<string> RunAsync(JobRun run, CancellationToken cancellation);
}

/// <summary>A try failed; the message is for the operator.</summary>
/// <param name="isFinal">A retry would fail the same way.</param>
internal sealed class JobFailedException(string message, bool isFinal = false) : Exception(message)
{
    public bool IsFinal => isFinal;
}
