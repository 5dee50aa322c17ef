using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.Releases;

/// <summary>
/// Takes a snapshot whose manifest is damaged out of the choice, so that the next one by the rules is served. Its manifest stays
/// for whoever repairs it: the scan takes it over again when it is whole.
/// </summary>
internal sealed class WithdrawDamaged(ChangeRepository change, TimeProvider clock)
{
    /// <returns>The repository as it is now; null when there is no other snapshot to serve, and nothing was changed.</returns>
    public Task<Repository?> RunAsync(RepositoryName name, SnapshotInstant damaged, CancellationToken cancellation) =>
        change.RunAsync(
            name,
            async (session, repository) =>
            {
                var others = (await SnapshotCatalog.ListAsync(session, repository)).FindAll(s => s.Instant != damaged);
                if (others.TrueForAll(s => s.Pinned))
                {
                    return null;
                }

                await SnapshotCatalog.RemoveAsync(session, repository, damaged);
                await ServedSnapshots.RecordAsync(session, repository, clock.GetUtcNow());
                return await RepositoryCatalog.FindAsync(session, name);
            },
            cancellation
        );
}
