using Parceler.Storage;

namespace Parceler.Snapshots;

/// <summary>Every digest that some manifest in the storage names, of repositories known to the database or not, and of withdrawn snapshots.</summary>
internal sealed class BlobReferences(ManifestStore manifests)
{
    private readonly HashSet<Digest> _digests = [];
    private readonly HashSet<(string Repository, SnapshotInstant Instant)> _read = [];
    private readonly HashSet<(string Repository, SnapshotInstant Instant)> _withdrawn = [];

    public bool Contains(Digest digest) => _digests.Contains(digest);

    /// <summary>Whether the storage held any manifest of the repository.</summary>
    public bool HasManifestOf(string repository) => _read.Any(read => read.Repository == repository);

    /// <summary>Reads the manifests that were not there at the last call.</summary>
    /// <exception cref="CorruptManifestException"/>
    public async Task ReadNewAsync(Progress progress, CancellationToken cancellation)
    {
        foreach (var repository in await manifests.RepositoriesAsync(cancellation))
        {
            var instants = await manifests.ListAsync(repository, cancellation);
            for (var i = 0; i < instants.Count; i++)
            {
                progress($"reading the manifests of {repository}", i, instants.Count);
                if (_read.Add((repository, instants[i])) && await manifests.ReadAsync(repository, instants[i], cancellation) is { } manifest)
                {
                    _digests.UnionWith(manifest.Files.Select(file => file.Digest));
                }
            }
        }

        await ReadWithdrawnAsync(cancellation);
    }

    private async Task ReadWithdrawnAsync(CancellationToken cancellation)
    {
        foreach (var repository in await manifests.WithdrawnRepositoriesAsync(cancellation))
        {
            foreach (var instant in await manifests.ListWithdrawnAsync(repository, cancellation))
            {
                if (_withdrawn.Add((repository, instant)) && await manifests.ReadAnyAsync(repository, instant, cancellation) is { } manifest)
                {
                    _digests.UnionWith(manifest.Files.Select(file => file.Digest));
                }
            }
        }
    }
}
