using Parceler.Database;
using Parceler.Repositories;
using Parceler.Storage;
using Parceler.Upstreams;

namespace Parceler.Snapshots;

/// <summary>A sync failed for a reason that the operator can act on. The served snapshot is what it was.</summary>
internal sealed class SyncFailedException(string message) : Exception(message);

/// <summary>What a sync did.</summary>
internal sealed record SyncOutcome(SnapshotSummary Snapshot, long NewBlobs);

/// <summary>Runs the upstream of a repository and makes a snapshot of what it brought.</summary>
internal sealed class SyncRepository(LocalDisk disk, BlobStore blobs, CommandUpstream upstream, CommitSnapshot commit)
{
    private const int Attempts = 3;

    /// <param name="job">Number of the job, which names its work folder.</param>
    /// <param name="alsoCommit">Runs in the transaction that makes the snapshot known.</param>
    /// <exception cref="SyncFailedException"/>
    public async Task<SyncOutcome> RunAsync(
        Repository repository,
        long job,
        string madeBy,
        Func<DbSession, SnapshotInstant, Task>? alsoCommit,
        Action<string> line,
        Progress progress,
        CancellationToken cancellation
    )
    {
        progress("running the command", 0, 0);
        var source = disk.PathOf(StorageKeys.Source(repository.Name.ToString()));
        var work = Path.Combine(disk.Work, $"job-{job}");
        var run = new CommandRun(repository.Name.ToString(), repository.Command, source, work, repository.TimeLimit);
        if (await upstream.RunAsync(run, line, cancellation) is CommandOutcome.Failed(var error))
        {
            throw new SyncFailedException(error);
        }

        try
        {
            return await TakeInAsync(repository, source, madeBy, alsoCommit, progress, cancellation);
        }
        catch (SourceTreeException e)
        {
            throw new SyncFailedException($"The source of '{repository.Name}' can't become a snapshot: {e.Message}");
        }
    }

    private async Task<SyncOutcome> TakeInAsync(
        Repository repository,
        string source,
        string madeBy,
        Func<DbSession, SnapshotInstant, Task>? alsoCommit,
        Progress progress,
        CancellationToken cancellation
    )
    {
        var tree = new SourceTree(source, repository.SourceFolder);
        using var intake = new SourceIntake(blobs, tree, Path.Combine(disk.Work, repository.Id + ".index"), progress);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var files = await Task.Run(() => intake.Run(cancellation), cancellation);
            if (files.Count == 0 && !repository.AllowEmpty)
            {
                throw new SyncFailedException(
                    $"The source of '{repository.Name}' holds no file, which is an accident far more often than an empty upstream. If it is meant: parceler repository edit {repository.Name} --allow-empty"
                );
            }

            var (snapshot, missing) = await commit.RunAsync(new(repository, files, intake.NewBytes, madeBy, InTransaction: alsoCommit), cancellation);
            if (snapshot is not null)
            {
                return new(snapshot, intake.NewBlobs);
            }

            intake.Reread(missing.Select(file => file.Path));
        }

        throw new SyncFailedException($"Blobs of '{repository.Name}' vanish from the store while it is synced: is another program deleting files there?");
    }
}
