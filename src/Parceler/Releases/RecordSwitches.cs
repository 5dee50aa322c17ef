using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.Releases;

/// <summary>
/// Records the switches that time alone brings. The rule gives the same choice however often it is asked, so it does
/// not matter which process records it, nor how late.
/// </summary>
internal sealed class RecordSwitches(RepositoryCatalog repositories, SnapshotCatalog snapshots, SwitchRepository change, TimeProvider clock)
{
    /// <returns>When time brings the next switch; null when it brings none.</returns>
    public async Task<DateTimeOffset?> RunAsync(CancellationToken cancellation)
    {
        DateTimeOffset? next = null;
        foreach (var repository in await repositories.ListAsync(cancellation))
        {
            var choice = ServedSnapshots.Choose(repository, await snapshots.ListAsync(repository, cancellation), clock.GetUtcNow());
            if (choice.Served != ServedSnapshots.UntilNow(repository))
            {
                choice = await RecordAsync(repository.Name, cancellation) ?? choice;
            }

            next = choice.Until is { } until && !(until >= next) ? until : next;
        }

        return next;
    }

    private async Task<ServedChoice?> RecordAsync(RepositoryName name, CancellationToken cancellation)
    {
        try
        {
            return await change.RunAsync(name, (session, current) => ServedSnapshots.RecordAsync(session, current, clock.GetUtcNow()), cancellation);
        }
        catch (UnknownRepositoryException)
        {
            return null; // deleted in this moment
        }
    }
}
