using Parceler.Audit;
using Parceler.Database;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.Releases;

/// <summary>
/// Deletes snapshots that an operator names. Machines get the next one by the rules; those in the middle of an update on a
/// deleted one end on it, unless it is deleted for them, too.
/// </summary>
internal sealed class DeleteSnapshots(
    SwitchRepository change,
    RepositoryCatalog repositories,
    SnapshotCatalog snapshots,
    ManifestStore manifests,
    BlobStore blobs,
    ParcelerDb db,
    GracePeriod grace,
    TimeProvider clock
)
{
    /// <param name="wanted">Instants, or unique prefixes of them.</param>
    /// <param name="atOnce">For machines in the middle of an update, too: what only these snapshots have is gone.</param>
    /// <returns>What was deleted, and what is served now.</returns>
    /// <exception cref="RefusedException">One of them does not exist, or is the frozen one: then none is deleted.</exception>
    public async Task<(List<SnapshotInstant> Deleted, ServedChoice Served)> RunAsync(RepositoryName name, IReadOnlyList<string> wanted, bool atOnce, CancellationToken cancellation)
    {
        var repository = await repositories.GetAsync(name, cancellation);
        using var exclusive = await blobs.LockAsync(cancellation); // a scan must not see the storage without them and the database with them
        var known = (await snapshots.ListAsync(repository, cancellation)).ConvertAll(s => s.Instant);
        var withdrawn = atOnce ? await manifests.ListWithdrawnAsync(name.ToString(), cancellation) : [];
        var doomed = wanted.Select(words => SnapshotName.Find(name, words, [.. known.Union(withdrawn)])).Distinct().ToList();
        var held = atOnce ? [] : await HeldAsync(repository, cancellation);
        var served = await change.RunAsync(name, (session, current) => RemoveAsync(session, current, doomed, held), cancellation);
        return (doomed, served);
    }

    // All in the transaction: nothing is frozen meanwhile, and sessions find their manifest where it is kept for them. After a crash
    // the scan removes the rows of what has no manifest any more.
    private async Task<ServedChoice> RemoveAsync(DbSession session, Repository repository, List<SnapshotInstant> doomed, HashSet<SnapshotInstant> held)
    {
        if (doomed.Exists(instant => instant.UnixSeconds == repository.Freeze))
        {
            throw new RefusedException(
                $"'{repository.Name}' is frozen at {new SnapshotInstant(repository.Freeze!.Value)}. Unfreeze it first: parceler repository unfreeze {repository.Name}"
            );
        }

        foreach (var instant in doomed)
        {
            await RemoveAsync(repository.Name.ToString(), instant, held.Contains(instant), CancellationToken.None);
            await SnapshotCatalog.RemoveAsync(session, repository, instant);
        }

        await AuditLog.WriteAsync(session, repository.Name.ToString(), new() { ["snapshots"] = AuditState.ListOf(doomed.Select(instant => instant.ToString())) }, null);
        return await ServedSnapshots.RecordAsync(session, repository, clock.GetUtcNow());
    }

    private async Task RemoveAsync(string name, SnapshotInstant instant, bool keepsForSessions, CancellationToken cancellation)
    {
        if (keepsForSessions)
        {
            await manifests.WithdrawAsync(name, instant, cancellation);
            return;
        }

        await manifests.DeleteAsync(name, instant, cancellation);
        await manifests.DeleteWithdrawnAsync(name, instant, cancellation);
    }

    private async Task<HashSet<SnapshotInstant>> HeldAsync(Repository repository, CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        return [.. (await HeldServings.ListAsync(session, repository, grace.Hold, clock.GetUtcNow())).Select(serving => serving.Snapshot)];
    }
}
