using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.Releases;

/// <summary>Deletes snapshots that an operator names. Machines get the next one by the rules, at once.</summary>
internal sealed class DeleteSnapshots(ChangeRepository change, RepositoryCatalog repositories, SnapshotCatalog snapshots, ManifestStore manifests, BlobStore blobs, TimeProvider clock)
{
    /// <param name="wanted">Instants, or unique prefixes of them.</param>
    /// <returns>What was deleted, and what is served now.</returns>
    /// <exception cref="RefusedException">One of them does not exist, or is the frozen one: then none is deleted.</exception>
    public async Task<(List<SnapshotInstant> Deleted, ServedChoice Served)> RunAsync(RepositoryName name, IReadOnlyList<string> wanted, CancellationToken cancellation)
    {
        var repository = await repositories.GetAsync(name, cancellation);
        var known = (await snapshots.ListAsync(repository, cancellation)).ConvertAll(s => s.Instant);
        var doomed = wanted.Select(words => SnapshotName.Find(name, words, known)).Distinct().ToList();
        if (doomed.Exists(instant => instant.UnixSeconds == repository.Freeze))
        {
            throw new RefusedException($"'{name}' is frozen at {new SnapshotInstant(repository.Freeze!.Value)}. Unfreeze it first: parceler repository unfreeze {name}");
        }

        using var exclusive = await blobs.LockAsync(cancellation); // a scan must not see the storage without them and the database with them
        foreach (var instant in doomed)
        {
            await manifests.DeleteAsync(name.ToString(), instant, cancellation);
        }

        var served = await change.RunAsync(
            name,
            async (session, current) =>
            {
                foreach (var instant in doomed)
                {
                    await SnapshotCatalog.RemoveAsync(session, current, instant);
                }

                return await ServedSnapshots.RecordAsync(session, current, clock.GetUtcNow());
            },
            cancellation
        );
        return (doomed, served);
    }
}
