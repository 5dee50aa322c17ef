using Parceler.Storage;

namespace Parceler.Snapshots;

/// <summary>The manifests in the storage: the truth about which snapshots there are.</summary>
internal sealed class ManifestStore(StorageDisk disk)
{
    /// <summary>Writes the manifest, last of all: from here on the snapshot exists.</summary>
    public Task CommitAsync(Manifest manifest, CancellationToken cancellation) =>
        disk.WriteAsync(KeyOf(manifest.Header.Repository, manifest.Header.Instant), ManifestFormat.Write(manifest), cancellation);

    /// <summary>Reads a whole manifest; null when there is none.</summary>
    /// <exception cref="CorruptManifestException"/>
    public async Task<Manifest?> ReadAsync(string repository, SnapshotInstant instant, CancellationToken cancellation)
    {
        var key = KeyOf(repository, instant);
        await using var stream = await disk.OpenReadAsync(key, cancellation);
        if (stream is null)
        {
            return null;
        }

        var manifest = await ManifestFormat.ReadAsync(key, stream, cancellation);
        return manifest.Header.Repository == repository && manifest.Header.Instant == instant
            ? manifest
            : throw new CorruptManifestException(key, "it belongs to another snapshot; was it copied here by hand?");
    }

    /// <summary>The instants of a repository's manifests, oldest first.</summary>
    public async Task<List<SnapshotInstant>> ListAsync(string repository, CancellationToken cancellation)
    {
        var instants = new List<SnapshotInstant>();
        await foreach (var stored in disk.ListAsync(StorageKeys.SnapshotsOf(repository), cancellation))
        {
            var name = Path.GetFileName(stored.Key);
            if (name.EndsWith(StorageKeys.ManifestEnding, StringComparison.Ordinal) && SnapshotInstant.TryParse(name[..^StorageKeys.ManifestEnding.Length], null, out var instant))
            {
                instants.Add(instant);
            }
        }

        instants.Sort();
        return instants;
    }

    /// <summary>Every repository with manifests, whether the database knows it or not.</summary>
    public async Task<SortedSet<string>> RepositoriesAsync(CancellationToken cancellation)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (var stored in disk.ListAsync(StorageKeys.Snapshots, cancellation))
        {
            names.Add(stored.Key.Split('/')[1]);
        }

        return names;
    }

    public Task DeleteAsync(string repository, SnapshotInstant instant, CancellationToken cancellation) =>
        disk.DeleteAsync(KeyOf(repository, instant), cancellation);

    public static string KeyOf(string repository, SnapshotInstant instant) => StorageKeys.Manifest(repository, instant.ToString());
}
