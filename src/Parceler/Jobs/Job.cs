using Parceler.Database;

namespace Parceler.Jobs;

internal enum JobState
{
    Waiting,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

/// <summary>How far a running job is: what it does, and how much of it is done, in units of its own.</summary>
internal sealed record JobProgress(string What, long Done, long Total);

/// <summary>One line of what a job said in one of its tries.</summary>
internal sealed record JobLine(long Number, int Try, DateTimeOffset At, string Text);

/// <summary>A piece of work in the queue, or done. It is kept with its result, its error and its log.</summary>
/// <param name="Kind">Which handler runs it, e.g. <c>repository.sync</c>.</param>
/// <param name="Subject">What it works on: of all jobs on one subject, one runs at a time.</param>
/// <param name="Payload">Its input, JSON, by kind.</param>
/// <param name="Tries">How often it was started.</param>
/// <param name="NotBefore">A waiting job starts then at the earliest.</param>
/// <param name="GiveUpAt">No retry after this.</param>
/// <param name="FinishedAt">When its last try ended; null while none has, or one runs.</param>
/// <param name="Result">What it did, JSON, by kind; null until it succeeded.</param>
internal sealed record Job(
    long Id,
    string Kind,
    string Subject,
    string Payload,
    JobState State,
    int Tries,
    int MaxTries,
    DateTimeOffset NotBefore,
    DateTimeOffset? GiveUpAt,
    DateTimeOffset QueuedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt,
    bool CancelRequested,
    JobProgress? Progress,
    string? Result,
    string? Error
)
{
    public bool IsOver => State is JobState.Succeeded or JobState.Failed or JobState.Cancelled;

    /// <summary>A failed try that will be made again.</summary>
    public bool IsRetrying => State == JobState.Waiting && Error is not null;
}

/// <summary>What is asked of the queue.</summary>
internal sealed record JobRequest(string Kind, string Subject, string Payload)
{
    public int MaxTries { get; init; } = 3;

    /// <summary>When it may start; null for at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>How long after the request a retry still makes sense; null for always.</summary>
    public TimeSpan? GiveUpAfter { get; init; }

    /// <summary>Whether a waiting job of this kind and subject is the same request, so that no second one is queued.</summary>
    public bool Merges { get; init; } = true;
}
