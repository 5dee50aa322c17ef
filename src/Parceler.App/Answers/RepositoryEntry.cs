using System.Text.Json.Serialization;
using Parceler.Jobs;
using Parceler.Releases;
using Parceler.Snapshots;

namespace Parceler.App.Answers;

/// <summary>How the last sync of a repository stands or went. One that failed and will be tried again has failed.</summary>
internal sealed record LastSync(string State, DateTimeOffset? FinishedAt, string? Error)
{
    [JsonIgnore]
    public bool IsRetrying { get; private init; }

    public static LastSync? Of(Job? job) =>
        job is null ? null : new((job.IsRetrying ? JobState.Failed : job.State).InDb(), job.FinishedAt, job.Error) { IsRetrying = job.IsRetrying };

    public override string ToString() =>
        IsRetrying ? $"failed, will be tried again: {Error}" : $"{State} {(FinishedAt is { } at ? SnapshotInstant.Of(at) : null)}".Trim() + (Error is null ? "" : $": {Error}");
}

/// <summary>A repository as <c>repository list --json</c> prints it.</summary>
internal sealed record RepositoryEntry(
    string Name,
    int Delay,
    string Upstream,
    string SourceFolder,
    bool Frozen,
    string? ServedSnapshot,
    string ServedReason,
    LastSync? LastSync,
    string? Signed
)
{
    public static RepositoryEntry Of(Parceler.Repositories.Repository repository, SnapshotSummary? newest, ServedChoice choice, Job? last) =>
        new(
            repository.Name.ToString(),
            repository.DelayDays,
            repository.Upstream,
            repository.SourceFolder,
            repository.Freeze is not null,
            choice.Snapshot?.ToString(),
            choice.Text,
            Answers.LastSync.Of(last),
            SignedOf(newest)
        );

    // Of the newest snapshot: whether each of its feeds is proven by a trusted key. Without a feed there is nothing to sign.
    private static string? SignedOf(SnapshotSummary? newest) =>
        newest is not { Feeds.Count: > 0 } ? null
        : newest.Feeds.All(feed => feed.SignedBy is not null) ? "signed"
        : newest.Feeds.Any(feed => feed.SignedBy is not null) ? "partly signed"
        : "unsigned";
}
