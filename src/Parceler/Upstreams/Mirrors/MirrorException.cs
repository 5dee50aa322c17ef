namespace Parceler.Upstreams.Mirrors;

/// <summary>An upstream can't be mirrored; the message names the file and says what an operator can do. Never with credentials.</summary>
internal class MirrorException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>A failure that may pass: the same may be asked again.</summary>
/// <param name="RetryAfter">What upstream asks for, or null.</param>
internal sealed class PassingException(string message, TimeSpan? retryAfter = null, Exception? cause = null) : MirrorException(message, cause)
{
    public TimeSpan? RetryAfter => retryAfter;
}

/// <summary>The tree of upstream does not agree with itself, as while somebody writes it: all of it is to be read again.</summary>
internal sealed class UnsettledException(string message, Exception? cause = null) : MirrorException(message, cause);
