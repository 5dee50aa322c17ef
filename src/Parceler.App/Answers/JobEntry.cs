using System.Text.Json;
using Parceler.Jobs;

namespace Parceler.App.Answers;

/// <summary>A job as <c>--json</c> prints it.</summary>
/// <param name="Log">Only in <c>job show</c>.</param>
internal sealed record JobEntry(
    long Id,
    string Kind,
    string Subject,
    string State,
    int Tries,
    int MaxTries,
    DateTimeOffset QueuedAt,
    DateTimeOffset NotBefore,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt,
    JobProgress? Progress,
    JsonElement? Result,
    string? Error,
    List<JobLine>? Log
)
{
    public static JobEntry Of(Job job, List<JobLine>? log) =>
        new(
            job.Id,
            job.Kind,
            job.Subject,
            JobWords.State(job),
            job.Tries,
            job.MaxTries,
            job.QueuedAt,
            job.NotBefore,
            job.StartedAt,
            job.FinishedAt,
            job.Progress,
            job.Result is null ? null : JsonElement.Parse(job.Result),
            job.Error,
            log
        );
}
