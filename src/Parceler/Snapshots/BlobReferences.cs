using Parceler.Storage;

namespace Parceler.Snapshots;

/// <summary>Every digest that some manifest in the storage names, of repositories known to the database or not, and of withdrawn snapshots.</summary>
internal sealed class BlobReferences(ManifestStore manifests)
{
    private readonly DigestSet _digests = new();
    private readonly HashSet<(string Repository, SnapshotInstant Instant)> _read = [];
    private readonly HashSet<string> _repositories = new(StringComparer.Ordinal);

    public bool Contains(Digest digest) => _digests.Contains(digest);

    /// <summary>Whether the storage held any manifest of the repository.</summary>
    public bool HasManifestOf(string repository) => _repositories.Contains(repository);

    /// <summary>Reads the manifests that were not there at the last call.</summary>
    /// <exception cref="CorruptManifestException"/>
    public async Task ReadNewAsync(Progress progress, CancellationToken cancellation)
    {
        var listed = await manifests.ListAllAsync(cancellation).Where(manifest => !_read.Contains((manifest.Repository, manifest.Instant))).ToListAsync(cancellation);
        for (var i = 0; i < listed.Count; i++)
        {
            var (repository, instant, isWithdrawn) = listed[i];
            progress($"reading the manifests of {repository}", i, listed.Count);
            if (await manifests.ReadEachAsync(repository, instant, file => _digests.Add(file.Digest), cancellation) && !isWithdrawn)
            {
                _repositories.Add(repository);
            }

            _read.Add((repository, instant));
        }
    }
}
