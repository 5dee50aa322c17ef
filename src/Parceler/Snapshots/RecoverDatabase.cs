using Parceler.Database;
using Parceler.Repositories;
using Parceler.Storage;

namespace Parceler.Snapshots;

/// <summary>What was put back into the database.</summary>
/// <param name="WasLost">It held no repository before.</param>
/// <param name="Problems">What was passed over.</param>
internal sealed record Recovery(bool WasLost, int Repositories, int Snapshots, List<string> Problems);

/// <summary>Rebuilds a lost database from the storage alone: repositories with their freezes and marks, then their snapshots. What the database has stays.</summary>
internal sealed class RecoverDatabase(
    ParcelerDb db,
    StoreIdentity identity,
    RepositoryCatalog repositories,
    RepositoryFiles files,
    ManifestStore manifests
)
{
    /// <exception cref="WrongStoreException">The database holds repositories of another storage.</exception>
    public async Task<Recovery> RunAsync(Progress progress, CancellationToken cancellation)
    {
        var known = (await repositories.ListAsync(cancellation)).Select(repository => repository.Name.ToString()).ToHashSet();
        if (known.Count > 0)
        {
            await identity.CheckAsync(cancellation);
        }

        var problems = new List<string>();
        var found = await files.ReadAllAsync(problems.Add, cancellation);
        var recovered = new List<(RepositoryFile File, List<SnapshotSummary> Snapshots)>();
        foreach (var file in found.Where(file => !known.Contains(file.Name)))
        {
            recovered.Add((file, await SnapshotsOfAsync(file, problems, progress, cancellation)));
        }

        await db.WriteAsync(session => PutBackAsync(session, recovered), cancellation); // all of it, or nothing
        await identity.AdoptAsync(cancellation);
        return new(known.Count == 0, recovered.Count, recovered.Sum(r => r.Snapshots.Count), problems);
    }

    private async Task<List<SnapshotSummary>> SnapshotsOfAsync(RepositoryFile file, List<string> problems, Progress progress, CancellationToken cancellation)
    {
        var snapshots = new List<SnapshotSummary>();
        var instants = await manifests.ListAsync(file.Name, cancellation);
        for (var i = 0; i < instants.Count; i++)
        {
            progress($"reading the manifests of {file.Name}", i, instants.Count);
            try
            {
                var manifest = await manifests.ReadAsync(file.Name, instants[i], cancellation);
                if (manifest?.Header.RepositoryId == file.Id)
                {
                    snapshots.Add(SnapshotSummary.Of(manifest.Header));
                }
                else
                {
                    problems.Add($"{ManifestStore.KeyOf(file.Name, instants[i])} belongs to an earlier repository of the same name: passed over");
                }
            }
            catch (CorruptManifestException e)
            {
                problems.Add(e.Message);
            }
        }

        return snapshots;
    }

    private static async Task PutBackAsync(DbSession session, List<(RepositoryFile File, List<SnapshotSummary> Snapshots)> recovered)
    {
        foreach (var (file, snapshots) in recovered)
        {
            await RepositoryFiles.RestoreAsync(session, file);
            var repository = await RepositoryCatalog.FindAsync(session, RepositoryName.Parse(file.Name));
            foreach (var snapshot in snapshots)
            {
                await SnapshotCatalog.AddAsync(session, repository!, snapshot);
            }
        }
    }
}
