using Parceler.Database;
using Parceler.Jobs;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.Releases;

/// <summary>Serves one snapshot until unfrozen. Syncs go on meanwhile.</summary>
internal sealed class FreezeRepository(
    ParcelerDb db,
    SwitchRepository change,
    AnnounceSwitch announce,
    RepositoryCatalog repositories,
    DiskFolders folders,
    CommitSnapshot commit,
    JobQueue queue,
    TimeProvider clock
)
{
    private const int MaxTries = 3; // a blob that vanished from the store is read again

    /// <param name="wanted">A snapshot by its instant or a unique prefix, <c>snapshots/NAME/INSTANT</c>, or a folder on the storage disk; null for the served one.</param>
    /// <param name="atOnce">For machines in the middle of an update, too: sessions on other snapshots and their grace end.</param>
    /// <returns>The frozen snapshot.</returns>
    /// <exception cref="RefusedException">Frozen already, or there is no such snapshot and no such folder.</exception>
    public async Task<SnapshotInstant> RunAsync(RepositoryName name, string? wanted, bool atOnce, Progress progress, CancellationToken cancellation)
    {
        return wanted is not null && FolderOf(name, wanted) is { } folder
            ? await FreezeFolderAsync(name, folder, atOnce, progress, cancellation)
            : await change.RunAsync(
                name,
                async (session, repository) =>
                {
                    var now = clock.GetUtcNow();
                    var snapshots = await SnapshotCatalog.ListAsync(session, repository);
                    var snapshot = wanted is null
                        ? ServedSnapshots.Choose(repository, snapshots, now).Snapshot ?? throw new RefusedException($"'{name}' has no snapshot yet: there is nothing to freeze")
                        : SnapshotName.Find(name, wanted, [.. snapshots.Select(s => s.Instant)]);
                    return await FreezeAsync(session, repository, snapshot, atOnce, now);
                },
                cancellation
            );
    }

    private static async Task<SnapshotInstant> FreezeAsync(DbSession session, Repository repository, SnapshotInstant snapshot, bool atOnce, DateTimeOffset now)
    {
        RefuseFrozen(repository);
        var frozen = repository.Frozen(snapshot.UnixSeconds, now);
        await RepositoryCatalog.UpdateAsync(session, frozen);
        await ServedSnapshots.RecordAsync(session, frozen, now);
        if (atOnce)
        {
            await ServedSnapshots.EndSessionsAsync(session, frozen, now);
        }

        return snapshot;
    }

    private static void RefuseFrozen(Repository repository)
    {
        if (repository.Freeze is { } frozen)
        {
            throw new RefusedException(
                $"'{repository.Name}' is frozen already, at {new SnapshotInstant(frozen)}. To freeze it at another snapshot: parceler repository unfreeze {repository.Name}, then freeze it again"
            );
        }
    }

    // Null when the words name a snapshot.
    private static string? FolderOf(RepositoryName name, string wanted)
    {
        if (SnapshotName.Looks(name, wanted))
        {
            return null;
        }

        var path = wanted.Trim('/');
        if (!PackagePath.TryParse(path, null, out _))
        {
            throw new RefusedException($"'{wanted}' is neither a snapshot of '{name}' nor a folder on the storage disk");
        }

        if (path.Split('/')[0] == "snapshots" || StorageKeys.IsInternal(path))
        {
            throw new RefusedException($"'{wanted}' holds no files for machines. To freeze a snapshot, name it: parceler repository snapshots {name} lists them");
        }

        return path;
    }

    // Half of what a sync is bringing in must not go out. No sync starts while the source is held.
    private async Task<IDisposable?> HoldStillAsync(string path, CancellationToken cancellation)
    {
        if (path.Split('/') is not ["source", var name, ..] || !RepositoryName.TryParse(name, null, out var owner) || await repositories.FindAsync(owner, cancellation) is not { } repository)
        {
            return null;
        }

        var last = await queue.LastAsync([JobKinds.Sync, JobKinds.Release], cancellation);
        return last.GetValueOrDefault(name) is { State: JobState.Running } running
            ? throw new RefusedException($"'{path}' is being filled by job {running.Id}: freeze it when that is over, or freeze a snapshot")
            : await db.LockAsync($"sync-{repository.Id}", cancellation);
    }

    private async Task<SnapshotInstant> FreezeFolderAsync(RepositoryName name, string path, bool atOnce, Progress progress, CancellationToken cancellation)
    {
        var repository = await repositories.GetAsync(name, cancellation);
        RefuseFrozen(repository);
        using var still = await HoldStillAsync(path, cancellation);
        using var source = await folders.OpenAsync(path, $"{repository.Id}-freeze", progress, cancellation)
            ?? throw new RefusedException($"'{path}' is neither a snapshot of '{name}' nor a folder on the storage disk. See: parceler repository snapshots {name}");
        for (var tries = 1; tries <= MaxTries; tries++)
        {
            var files = await TakeAsync(path, source, cancellation);
            var made = new NewSnapshot(repository, files, source.NewBytes, $"freeze {path}", Pinned: true, InTransaction: FreezeInAsync);
            await using var announced = await announce.RunAsync(repository.Id, cancellation);
            var (snapshot, missing) = await commit.RunAsync(made, cancellation);
            if (snapshot is not null)
            {
                return await change.RunAsync(name, (_, _) => Task.FromResult(snapshot.Instant), cancellation); // its file follows
            }

            source.Reread(missing.Select(file => file.Path));
        }

        throw new RefusedException($"Blobs of '{path}' vanish from the store as soon as they are written. Check the disk with: parceler verify");

        async Task FreezeInAsync(DbSession session, SnapshotInstant instant)
        {
            var before = await RepositoryCatalog.FindAsync(session, name) ?? repository;
            await FreezeAsync(session, before, instant, atOnce, clock.GetUtcNow());
            await RepositoryAudit.WriteAsync(session, before, await RepositoryCatalog.FindAsync(session, name));
        }
    }

    private static async Task<List<SnapshotFile>> TakeAsync(string path, SnapshotSource source, CancellationToken cancellation)
    {
        try
        {
            var files = await source.TakeAsync(cancellation);
            return files.Count > 0 ? files : throw new RefusedException($"The folder '{path}' holds no file: frozen at it, machines would get nothing");
        }
        catch (SourceTreeException e)
        {
            throw new RefusedException($"The folder '{path}' can't be frozen: {e.Message}");
        }
    }
}
