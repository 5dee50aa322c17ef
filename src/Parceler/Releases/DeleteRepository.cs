using Parceler.Database;
using Parceler.Jobs;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.Releases;

/// <summary>
/// Deletes a repository with its snapshots and its source. Machines get 404 at once; the blobs go with the collector.
/// A sync that runs meanwhile is ended, and commits nothing.
/// </summary>
internal sealed class DeleteRepository(ParcelerDb db, RepositoryCatalog repositories, RepositoryFiles files, ManifestStore manifests, StorageDisk disk, WorkFolder work, JobQueue queue, ChangeFeed feed)
{
    /// <exception cref="UnknownRepositoryException"/>
    public async Task RunAsync(RepositoryName name, CancellationToken cancellation)
    {
        using var mine = await files.LockAsync(name, cancellation); // the name may be used again when its files are gone
        var repository = await repositories.GetAsync(name, cancellation);
        await db.WriteAsync(
            async session =>
            {
                await queue.CancelSubjectAsync(session, name.ToString());
                await RepositoryAudit.WriteAsync(session, repository, null);
                await RepositoryCatalog.RemoveAsync(session, repository);
            },
            cancellation
        );
        feed.Nudge();
        await files.WriteAsync(name, CancellationToken.None); // removes it, so that a recovery does not bring it back
        using var ended = await db.LockAsync($"sync-{repository.Id}", CancellationToken.None);
        foreach (var instant in await manifests.ListAsync(name.ToString(), CancellationToken.None))
        {
            await manifests.DeleteAsync(name.ToString(), instant, CancellationToken.None);
        }

        foreach (var prefix in new[] { StorageKeys.SnapshotsOf(name.ToString()), StorageKeys.GraceOf(name.ToString()), StorageKeys.Source(name.ToString()) + "/" })
        {
            await disk.DeleteAllAsync(prefix, CancellationToken.None);
        }

        Remove(work.SourceOf(name.ToString()));
        Remove(Path.Combine(work.Jobs, repository.Id));
        foreach (var file in new[] { $"{repository.Id}.index", $"{repository.Id}-freeze.index", $"{repository.Id}.mirror", $"{repository.Id}.objects", $"{repository.Id}-freeze.objects" })
        {
            File.Delete(Path.Combine(work.Jobs, file));
        }
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
