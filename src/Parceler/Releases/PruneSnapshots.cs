using Microsoft.Extensions.Logging;
using Parceler.Database;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.Releases;

/// <summary>Drops the snapshots of a repository that nobody needs any more; their blobs are the collector's.</summary>
internal sealed partial class PruneSnapshots(
    ParcelerDb db,
    BlobStore blobs,
    ManifestStore manifests,
    TimeProvider clock,
    ILogger<PruneSnapshots> log
)
{
    public async Task<IReadOnlyList<DroppedSnapshot>> RunAsync(RepositoryName name, TimeSpan grace, CancellationToken cancellation)
    {
        using var exclusive = await blobs.LockAsync(cancellation); // a scan must not see one of the two without the other
        var dropped = await db.WriteAsync(session => DropAsync(session, name, grace), cancellation);
        foreach (var (instant, reason) in dropped)
        {
            await manifests.DeleteAsync(name.ToString(), instant, cancellation); // a crash before leaves a manifest, which the scan takes over again
            Dropped(log, instant, name, reason);
        }

        return dropped;
    }

    // Decided and done in one transaction: nothing is frozen in between.
    private async Task<IReadOnlyList<DroppedSnapshot>> DropAsync(DbSession session, RepositoryName name, TimeSpan grace)
    {
        if (await RepositoryCatalog.FindAsync(session, name) is not { } repository)
        {
            return [];
        }

        var dropped = await ToDropAsync(session, repository, grace);
        foreach (var (instant, _) in dropped)
        {
            await SnapshotCatalog.RemoveAsync(session, repository, instant);
        }

        return dropped;
    }

    private async Task<IReadOnlyList<DroppedSnapshot>> ToDropAsync(DbSession session, Repository repository, TimeSpan grace)
    {
        var known = (await SnapshotCatalog.ListAsync(session, repository)).ConvertAll(ServedSnapshots.Known);
        var now = clock.GetUtcNow();
        var held = await HeldServings.ListAsync(session, repository, grace, now);
        return new Retention(ServedSnapshots.PolicyOf(repository), grace).ToDrop(
            known,
            ServedSnapshots.UntilNow(repository),
            held.Select(serving => serving.Snapshot).ToHashSet(),
            held.ConvertAll(serving => new Serving(serving.Snapshot, serving.StoppedAt)),
            now
        );
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Snapshot {Snapshot} of {Repository} was dropped: {Reason}")]
    private static partial void Dropped(ILogger log, SnapshotInstant snapshot, RepositoryName repository, string reason);
}
