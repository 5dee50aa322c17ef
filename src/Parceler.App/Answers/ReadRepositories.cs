using Parceler.Feeds;
using Parceler.Jobs;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.App.Answers;

/// <summary>Repositories as commands print them and the API answers them.</summary>
internal sealed class ReadRepositories(RepositoryCatalog catalog, SnapshotCatalog snapshots, JobQueue queue, ManifestStore manifests, OpenPackages packages, TimeProvider clock)
{
    /// <param name="warn">Is told what is wrong with what is served.</param>
    public async Task<List<RepositoryEntry>> ListAsync(Action<string> warn, CancellationToken cancellation)
    {
        var last = await queue.LastAsync([JobKinds.Sync, JobKinds.Release], cancellation);
        var entries = new List<RepositoryEntry>();
        foreach (var repository in await catalog.ListAsync(cancellation))
        {
            var all = await snapshots.ListAsync(repository, cancellation);
            var choice = ServedSnapshots.Choose(repository, all, clock.GetUtcNow());
            choice.Warn(repository.Name, warn);
            await choice.WarnGoneAsync(repository.Name, manifests, warn, cancellation);
            entries.Add(RepositoryEntry.Of(repository, all.FindLast(snapshot => !snapshot.Pinned), choice, last.GetValueOrDefault(repository.Name.ToString())));
        }

        return entries;
    }

    /// <exception cref="UnknownRepositoryException"/>
    public async Task<RepositoryDetails> ShowAsync(RepositoryName name, Action<string> warn, CancellationToken cancellation)
    {
        var repository = await catalog.GetAsync(name, cancellation);
        var all = await snapshots.ListAsync(repository, cancellation);
        var last = await queue.LastAsync([JobKinds.Sync, JobKinds.Release], cancellation);
        var now = clock.GetUtcNow();
        var choice = ServedSnapshots.Choose(repository, all, now);
        choice.Warn(repository.Name, warn);
        return RepositoryDetails.Of(repository, all, choice, last.GetValueOrDefault(repository.Name.ToString())) with
        {
            Feeds = await FeedsAsync(repository, all, warn, cancellation),
            FeedWarnings = [.. WarningsOf(repository, all, choice, now)],
        };
    }

    // Of what is served, as long as it is, and of the newest when its turn comes.
    private static IEnumerable<string> WarningsOf(Repository repository, List<SnapshotSummary> snapshots, ServedChoice choice, DateTimeOffset now)
    {
        var served = snapshots.Find(snapshot => snapshot.Instant == choice.Snapshot);
        var newest = snapshots.FindLast(snapshot => !snapshot.Pinned);
        return [
            .. served is null ? [] : WarningsOf(served, ", which is served", feed => FeedValidity.WarningOf(feed.ValidUntil, now, choice.Until ?? now, "the next one is released")),
            .. newest is null || newest == served ? [] : WarningsOf(newest, "", feed => FeedValidity.WarningOf(feed.ValidUntil, now, newest.Instant.Time.AddDays(repository.DelayDays))),
        ];
    }

    private static IEnumerable<string> WarningsOf(SnapshotSummary snapshot, string what, Func<SnapshotFeed, string?> warningOf) =>
        from feed in snapshot.Feeds
        let warning = warningOf(feed)
        where warning is not null
        select $"{feed.ToFound()} of snapshot {snapshot.Instant}{what}: {warning}";

    private async Task<IReadOnlyList<SnapshotFeed>> FeedsAsync(Repository repository, List<SnapshotSummary> all, Action<string> warn, CancellationToken cancellation)
    {
        if (all.FindLast(snapshot => !snapshot.Pinned) is not { } newest || newest.Feeds.Count > 0)
        {
            return all.FindLast(snapshot => !snapshot.Pinned)?.Feeds ?? [];
        }

        try
        {
            // it was made before feeds were recorded, or without the gate
            var snapshot = await packages.OpenAsync(repository.Name, newest.Instant, cancellation);
            return [.. snapshot.Feeds.Select(feed => snapshot.Read(feed, cancellation)).Where(feed => feed.IsFeed).Select(feed => SnapshotFeed.Of(feed, snapshot.Tree, null))];
        }
        catch (Exception e) when (e is CorruptManifestException or RefusedException or IOException)
        {
            warn($"{repository.Name}: {e.Message}");
            return [];
        }
    }
}
