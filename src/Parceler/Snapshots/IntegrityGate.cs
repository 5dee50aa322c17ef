using Parceler.Database;
using Parceler.Feeds;
using Parceler.Repositories;
using Parceler.Storage;

namespace Parceler.Snapshots;

/// <summary>What the gate says of a synced tree.</summary>
/// <param name="Feeds">The feeds in it, as the snapshot will remember them.</param>
/// <param name="Tree">Digest of the tree.</param>
internal sealed record GateJudgement(GateReport Report, IReadOnlyList<SnapshotFeed> Feeds, Digest Tree)
{
    public const string Off = "the gate is off: nothing was looked at";
    private const int MostShown = 5;

    /// <summary>What was let through before, and is in this tree as it was.</summary>
    public IReadOnlyList<string> Kept { get; init; } = [];

    /// <summary>What is wrong and becomes part of the snapshot all the same.</summary>
    public IReadOnlyList<string> LetThrough =>
        Report.Mode == GateMode.Off && Feeds.Count > 0 ? [Off] : [.. Report.Faults.Select(fault => fault.ToString()), .. Kept];

    /// <summary>For the log of the job: all that was found.</summary>
    public IEnumerable<string> Lines =>
        Report.Faults.Select(fault => $"gate: {(Report.Passes ? "let through" : "fault")}: {fault}")
            .Concat(Kept.Select(line => $"gate: let through before, and unchanged: {line}"))
            .Concat(Report.Alarms.Select(alarm => $"gate: alarm: {alarm}"))
            .Concat(Report.Warnings.Select(warning => $"gate: warning: {warning}"))
            .Concat(Report.Notes.Select(note => $"gate: {note}"));

    /// <summary>Why the tree makes no snapshot, and what an operator can do.</summary>
    public string Refusal(RepositoryName name)
    {
        var more = Report.Faults.Count > MostShown ? $"; and {Report.Faults.Count - MostShown} more, see the job's log" : "";
        return $"The sync of '{name}' made no snapshot, the gate found the tree {(Report.MayWait ? "not whole" : "not genuine")}: "
            + string.Join("; ", Report.Faults.Take(MostShown)) + more
            + $". To let such trees through: parceler repository edit {name} --gate warn";
    }
}

/// <summary>
/// Holds a synced tree against the package indexes in it and the last snapshot, before it becomes a snapshot itself
/// (<see cref="GateRule"/> is the rule).
/// </summary>
internal sealed class IntegrityGate(ParcelerDb db, BlobStore blobs, ManifestStore manifests, TimeProvider clock)
{
    /// <param name="files">All files of the tree, each in the store.</param>
    /// <param name="feeds">Those that the sync has read already.</param>
    /// <param name="instant">Of a snapshot that another program made: it is held against the one before it. Null for the newest.</param>
    public async Task<GateJudgement> JudgeAsync(Repository repository, IReadOnlyList<SnapshotFile> files, FeedCache feeds, SnapshotInstant? instant, CancellationToken cancellation)
    {
        var (last, seen) = await LastAsync(repository, instant, cancellation);
        var digest = Manifest.TreeDigest(files);
        if (last is not null && last.Header.Tree == digest && last.Header.LetThrough.Count == 0)
        {
            return new(Unchanged(repository, last.Header.Feeds), last.Header.Feeds, digest); // nothing changed, and all was well
        }

        var tree = new ManifestTree(files, blobs);
        var readings = Read(tree, files, last?.Header.Feeds ?? [], feeds, cancellation);
        var before = last is null ? null : new ManifestTree(last.Files, blobs);
        var report = GateRule.Check(
            new(
                tree,
                readings,
                before,
                before is null ? [] : Read(before, last!.Files, last.Header.Feeds, feeds, cancellation),
                [.. repository.Trust.Select(TrustedKey.Parse)],
                seen,
                repository.Gate,
                repository.AcceptsRollback,
                TimeSpan.FromDays(repository.DelayDays),
                clock.GetUtcNow(),
                PreviousWasChecked: last is { Header: { Feeds.Count: > 0, LetThrough.Count: 0 } }
            ),
            cancellation
        );
        return new(report, [.. readings.Select(reading => Remember(reading, tree, report))], digest) { Kept = [.. KeptOf(last, report)] };
    }

    // so that nobody takes for proven what never was
    private static IEnumerable<string> KeptOf(Manifest? last, GateReport report) =>
        (last?.Header.LetThrough ?? []).Where(line => report.Unchanged.Any(feed => line == GateJudgement.Off || line.StartsWith($"{feed}: ", StringComparison.Ordinal)));

    // time alone can make a feed that nobody renews one that machines refuse
    private GateReport Unchanged(Repository repository, IReadOnlyList<SnapshotFeed> feeds)
    {
        var now = clock.GetUtcNow();
        var warnings =
            from feed in feeds
            let warning = FeedValidity.WarningOf(feed.ValidUntil, now, now.AddDays(repository.DelayDays))
            where warning is not null
            select new FeedRemark(feed.ToFound(), null, warning);
        return GateReport.Nothing with { Mode = repository.Gate, Warnings = repository.Gate == GateMode.Off ? [] : [.. warnings] };
    }

    private async Task<(Manifest? Last, ILookup<string, Digest> Seen)> LastAsync(Repository repository, SnapshotInstant? instant, CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        var last = (await SnapshotCatalog.ListAsync(session, repository)).FindLast(snapshot => !snapshot.Pinned && !(snapshot.Instant >= instant));
        var seen = await SeenIndexes.ListAsync(session, repository);
        try
        {
            return (last is null ? null : await manifests.ReadAsync(repository.Name.ToString(), last.Instant, cancellation), seen);
        }
        catch (CorruptManifestException)
        {
            return (null, seen); // as if it were the first
        }
    }

    // A file that is only named like an index is one of many: unless the last snapshot had a feed there.
    private static List<FeedReading> Read(FeedTree tree, IReadOnlyList<SnapshotFile> files, IReadOnlyList<SnapshotFeed> known, FeedCache feeds, CancellationToken cancellation) =>
        [
            .. from found in FeedFinder.Find(files.Select(file => file.Path))
               where known.Any(feed => feed.Head == found.Head) || FeedSniff.LooksLikeFeed(found, tree)
               let reading = feeds.Read(found, tree, cancellation)
               where reading.IsFeed
               select reading,
        ];

    private static SnapshotFeed Remember(FeedReading reading, FeedTree tree, GateReport report) =>
        new(
            reading.Found.Format.ToWord(),
            reading.Found.Name,
            reading.Found.Head,
            tree.Find(reading.Found.Head)!.Value.Digest.ToString(),
            reading.Feed?.Packages.Count ?? 0,
            reading.Head?.SignedAt,
            report.Signatures.FirstOrDefault(signature => signature.Feed == reading.Found && signature.IsSigned)?.Key,
            reading.Head?.ValidUntil
        );
}
