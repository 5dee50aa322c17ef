using Parceler.Database;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.Releases;

/// <summary>Removes the manifests of deleted snapshots that no session and no grace needs any more, and copies that a crash left beside their snapshot.</summary>
internal sealed class DropWithdrawn(ParcelerDb db, BlobStore blobs, ManifestStore manifests, GracePeriod grace, TimeProvider clock)
{
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var exclusive = await blobs.LockAsync(cancellation); // a deletion is between the copy and the original
        foreach (var name in await manifests.WithdrawnRepositoriesAsync(cancellation))
        {
            var needed = await NeededAsync(name, cancellation);
            foreach (var instant in (await manifests.ListWithdrawnAsync(name, cancellation)).Where(instant => !needed.Contains(instant)))
            {
                await manifests.DeleteWithdrawnAsync(name, instant, cancellation);
            }
        }
    }

    private async Task<HashSet<SnapshotInstant>> NeededAsync(string name, CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        if (!RepositoryName.TryParse(name, null, out var parsed) || await RepositoryCatalog.FindAsync(session, parsed) is not { } repository)
        {
            return [];
        }

        var held = await HeldServings.ListAsync(session, repository, grace.Hold, clock.GetUtcNow());
        return [.. held.Select(serving => serving.Snapshot).Except(await manifests.ListAsync(name, cancellation))];
    }
}
