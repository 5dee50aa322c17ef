using Microsoft.Extensions.Logging;
using Parceler.Database;
using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.Releases;

/// <summary>Drops the snapshots of a repository that nobody needs any more; their blobs are the collector's.</summary>
internal sealed partial class PruneSnapshots(
    ParcelerDb db,
    RepositoryCatalog repositories,
    SnapshotCatalog snapshots,
    ManifestStore manifests,
    TimeProvider clock,
    ILogger<PruneSnapshots> log
)
{
    public async Task<IReadOnlyList<DroppedSnapshot>> RunAsync(RepositoryName name, TimeSpan grace, CancellationToken cancellation)
    {
        if (await repositories.FindAsync(name, cancellation) is not { } repository)
        {
            return [];
        }

        var dropped = await ToDropAsync(repository, grace, cancellation);
        foreach (var (instant, reason) in dropped)
        {
            await manifests.DeleteAsync(name.ToString(), instant, cancellation); // the truth first: a crash leaves a row, which the scan removes
            await db.WriteAsync(session => SnapshotCatalog.RemoveAsync(session, repository, instant), cancellation);
            Dropped(log, instant, name, reason);
        }

        return dropped;
    }

    private async Task<IReadOnlyList<DroppedSnapshot>> ToDropAsync(Repository repository, TimeSpan grace, CancellationToken cancellation)
    {
        var known = (await snapshots.ListAsync(repository, cancellation)).ConvertAll(ServedSnapshots.Known);
        var now = clock.GetUtcNow();
        await using var session = await db.OpenAsync(cancellation);
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
