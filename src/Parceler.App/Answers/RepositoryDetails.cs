using Parceler.Jobs;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.App.Answers;

/// <summary>A repository as <c>repository show --json</c> prints it.</summary>
internal sealed record RepositoryDetails(
    string Name,
    int Delay,
    string Upstream,
    string Source,
    string SourceFolder,
    bool AllowEmpty,
    string Gate,
    IReadOnlyList<string> Trust,
    long? TimeLimitSeconds,
    DateTimeOffset CreatedAt,
    bool Frozen,
    string? FrozenSnapshot,
    DateTimeOffset? FrozenSince,
    string? ReleaseMark,
    string? ServedSnapshot,
    string ServedReason,
    DateTimeOffset? ServedUntil,
    string? Warning,
    int Snapshots,
    LastSync? LastSync,
    IReadOnlyList<string> LetThrough
)
{
    /// <summary>Those of the newest snapshot.</summary>
    public IReadOnlyList<SnapshotFeed> Feeds { get; init; } = [];

    /// <summary>Through which upstream is asked; null where it is asked itself.</summary>
    public string? Proxy { get; init; }

    /// <summary>Feeds that machines refuse, or will refuse when they get them.</summary>
    public IReadOnlyList<string> FeedWarnings { get; init; } = [];

    public static RepositoryDetails Of(Parceler.Repositories.Repository repository, List<SnapshotSummary> snapshots, ServedChoice choice, Job? last) =>
        new(
            repository.Name.ToString(),
            repository.DelayDays,
            repository.Upstream,
            repository.SourceOnDisk ? "disk" : "folder",
            repository.SourceFolder,
            repository.AllowEmpty,
            GateWords.Of(repository.Gate),
            [.. repository.Trust.Select(key => $"{key.Name} {key.Fingerprint}")],
            (long?)repository.TimeLimit?.TotalSeconds,
            repository.CreatedAt,
            repository.Freeze is not null,
            Instant(repository.Freeze),
            repository.FrozenSince,
            Instant(repository.ReleaseMark),
            choice.Snapshot?.ToString(),
            choice.Text,
            choice.Until,
            choice.Warning,
            snapshots.Count,
            Answers.LastSync.Of(last),
            snapshots.FindLast(snapshot => !snapshot.Pinned)?.LetThrough ?? []
        )
        {
            Proxy = repository.Mirror?.ShownProxy,
        };

    private static string? Instant(long? seconds) => seconds is { } s ? new SnapshotInstant(s).ToString() : null;
}
