using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.Releases;

/// <summary>
/// Takes a snapshot whose manifest is damaged out of the choice, so that the next one by the rules is served. Its manifest stays
/// for whoever repairs it: the scan takes it over again when it is whole.
/// </summary>
internal sealed class WithdrawDamaged(SwitchRepository change, RepositoryCatalog repositories, SnapshotCatalog snapshots, TimeProvider clock)
{
    /// <summary>Does nothing when there is no other snapshot to serve.</summary>
    public async Task RunAsync(RepositoryName name, SnapshotInstant damaged, CancellationToken cancellation)
    {
        if (await repositories.FindAsync(name, cancellation) is not { } repository || (await snapshots.ListAsync(repository, cancellation)).TrueForAll(s => s.Pinned || s.Instant == damaged))
        {
            return;
        }

        await change.RunAsync(
            name,
            async (session, current) =>
            {
                await SnapshotCatalog.RemoveAsync(session, current, damaged);
                return await ServedSnapshots.RecordAsync(session, current, clock.GetUtcNow());
            },
            cancellation
        );
    }
}
