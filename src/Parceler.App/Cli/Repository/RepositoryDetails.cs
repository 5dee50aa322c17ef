using Parceler.Jobs;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.App.Cli;

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
            Cli.LastSync.Of(last),
            snapshots.FindLast(snapshot => !snapshot.Pinned)?.LetThrough ?? []
        )
        {
            Proxy = repository.Mirror?.ShownProxy,
        };

    public Listing ToListing()
    {
        var listing = new Listing("What", "Value");
        listing.Add("Name", Name);
        listing.Add("Delay", $"{Delay}");
        listing.Add("Upstream", Proxy is null ? Upstream : $"{Upstream} through {Proxy}");
        listing.Add("Gate", Gate);
        listing.Add("Trusted keys", Trust.Count == 0 ? "none: signatures are not looked at" : string.Join(", ", Trust));
        listing.Add("Source", Source);
        listing.Add("Source folder", SourceFolder);
        listing.Add("Allow empty", AllowEmpty ? "yes" : "no");
        listing.Add("Time limit", TimeLimitSeconds is { } seconds ? $"{seconds} s" : null);
        listing.Add("Created", Listing.Time(CreatedAt));
        listing.Add("Frozen at", FrozenSince is { } since ? $"{FrozenSnapshot} since {Listing.Time(since)}" : FrozenSnapshot);
        listing.Add("Released from", ReleaseMark);
        listing.Add("Served snapshot", ServedSnapshot);
        listing.Add("Why", ServedReason);
        listing.Add("Until", Listing.Time(ServedUntil));
        listing.Add("Snapshots", $"{Snapshots}");
        listing.Add("Last sync", LastSync?.ToString());
        foreach (var feed in Feeds)
        {
            listing.Add("Feed", $"{feed.Format} {feed.Name}: {feed.Packages} packages, {(feed.SignedBy is { } key ? $"signed by {key}" : "unsigned")}");
        }

        foreach (var warning in FeedWarnings)
        {
            listing.Add("Warning", warning);
        }

        foreach (var fault in LetThrough)
        {
            listing.Add("Let through", fault);
        }

        return listing;
    }

    private static string? Instant(long? seconds) => seconds is { } s ? new SnapshotInstant(s).ToString() : null;
}
