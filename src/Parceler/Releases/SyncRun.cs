using Parceler.Database;
using Parceler.Jobs;
using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.Releases;

/// <summary>How long a snapshot stays after it stopped being served, and an unreferenced blob after it was found so.</summary>
internal sealed record GracePeriod(TimeSpan Length)
{
    /// <summary>How long a snapshot is kept after it was served or read: longer than the grace where a session may be.</summary>
    public TimeSpan Hold { get; init; } = Length;
}

/// <summary>A sync with what follows from it: the choice of the served snapshot in the same transaction, then retention.</summary>
internal sealed class SyncRun(SyncRepository sync, PruneSnapshots prune, AnnounceSwitch announce, RepositoryFiles files, ChangeFeed feed, GracePeriod grace, TimeProvider clock)
{
    /// <param name="atOnce">For machines in the middle of an update, too: sessions on other snapshots and their grace end.</param>
    /// <param name="change">What the new snapshot changes in its repository, e.g. the release mark.</param>
    public async Task<SyncResult> RunAsync(JobRun run, string madeBy, bool atOnce, Func<Repository, SnapshotInstant, Repository> change, CancellationToken cancellation)
    {
        var name = RepositoryName.Parse(run.Job.Subject);
        try
        {
            var snapshot = await sync.RunAsync(
                name,
                madeBy,
                new(announce.RunAsync, (session, instant) => RecordAsync(session, name, instant, atOnce, change)),
                new(run.Log, run.Progress),
                cancellation
            );
            feed.Nudge();
            return new(snapshot.Instant.Time, snapshot.Files, snapshot.Bytes, snapshot.NewBytes, await TidyAsync(run, name));
        }
        catch (SyncFailedException e)
        {
            throw new JobFailedException(e.Message, e.IsFinal);
        }
    }

    // The snapshot is made: a failure from here on must not make another one. What was left is made up for by the next sync.
    private async Task<int> TidyAsync(JobRun run, RepositoryName name)
    {
        try
        {
            await files.WriteAsync(name, CancellationToken.None);
            var dropped = await prune.RunAsync(name, grace.Hold, CancellationToken.None);
            foreach (var (instant, reason) in dropped)
            {
                run.Log($"snapshot {instant} dropped: {reason}");
            }

            return dropped.Count;
        }
        catch (Exception e)
        {
            run.Log($"warning: the snapshot was made, but what follows it failed: {e.Message}");
            return 0;
        }
    }

    private async Task RecordAsync(DbSession session, RepositoryName name, SnapshotInstant instant, bool atOnce, Func<Repository, SnapshotInstant, Repository> change)
    {
        if (await RepositoryCatalog.FindAsync(session, name) is { } repository)
        {
            var changed = change(repository, instant) with { AcceptsRollback = false }; // it was for this snapshot
            await RepositoryCatalog.UpdateAsync(session, changed);
            await ServedSnapshots.RecordAsync(session, changed, clock.GetUtcNow());
            if (atOnce)
            {
                await ServedSnapshots.EndSessionsAsync(session, changed, clock.GetUtcNow());
            }
        }
    }
}
