using System.Runtime.CompilerServices;
using Parceler.Storage;

namespace Parceler.Snapshots;

/// <summary>
/// The manifests in the storage: the truth about which snapshots there are. Those of deleted snapshots that machines may still
/// read stand apart, below <c>grace/</c>: they are no snapshots any more.
/// </summary>
internal sealed class ManifestStore(StorageDisk disk)
{
    /// <summary>Writes the manifest, last of all: from here on the snapshot exists.</summary>
    public Task CommitAsync(Manifest manifest, CancellationToken cancellation) =>
        disk.WriteAsync(KeyOf(manifest.Header.Repository, manifest.Header.Instant), ManifestFormat.Write(manifest), cancellation);

    public async Task<bool> HasAsync(string repository, SnapshotInstant instant, CancellationToken cancellation) =>
        await disk.FindAsync(KeyOf(repository, instant), cancellation) is not null;

    /// <summary>Reads a whole manifest; null when there is none.</summary>
    /// <exception cref="CorruptManifestException"/>
    public Task<Manifest?> ReadAsync(string repository, SnapshotInstant instant, CancellationToken cancellation) =>
        ReadAsync(KeyOf(repository, instant), repository, instant, cancellation);

    /// <summary>Reads the manifest of a snapshot that exists or was withdrawn; null when there is none.</summary>
    /// <exception cref="CorruptManifestException"/>
    public async Task<Manifest?> ReadAnyAsync(string repository, SnapshotInstant instant, CancellationToken cancellation) =>
        await ReadAsync(repository, instant, cancellation) ?? await ReadAsync(GraceKeyOf(repository, instant), repository, instant, cancellation);

    /// <summary>Tells of every file of a snapshot that exists or was withdrawn, without keeping them; false when there is none.</summary>
    /// <exception cref="CorruptManifestException"/>
    public async Task<bool> ReadEachAsync(string repository, SnapshotInstant instant, Action<SnapshotFile> each, CancellationToken cancellation) =>
        await ReadHeaderAsync(KeyOf(repository, instant), repository, instant, each, cancellation) is not null
        || await ReadHeaderAsync(GraceKeyOf(repository, instant), repository, instant, each, cancellation) is not null;

    private async Task<Manifest?> ReadAsync(string key, string repository, SnapshotInstant instant, CancellationToken cancellation)
    {
        var files = new List<SnapshotFile>();
        return await ReadHeaderAsync(key, repository, instant, files.Add, cancellation) is { } header ? new(header, files) : null;
    }

    private async Task<ManifestHeader?> ReadHeaderAsync(string key, string repository, SnapshotInstant instant, Action<SnapshotFile> each, CancellationToken cancellation)
    {
        await using var stream = await disk.OpenReadAsync(key, cancellation);
        if (stream is null)
        {
            return null;
        }

        var header = await ManifestFormat.ReadAsync(key, stream, each, cancellation);
        return header.Repository == repository && header.Instant == instant
            ? header
            : throw new CorruptManifestException(key, "it belongs to another snapshot; was it copied here by hand?");
    }

    /// <summary>The instants of a repository's manifests, oldest first.</summary>
    public Task<List<SnapshotInstant>> ListAsync(string repository, CancellationToken cancellation) => ListBelowAsync(StorageKeys.SnapshotsOf(repository), cancellation);

    /// <summary>The instants of a repository's withdrawn snapshots, oldest first.</summary>
    public Task<List<SnapshotInstant>> ListWithdrawnAsync(string repository, CancellationToken cancellation) => ListBelowAsync(StorageKeys.GraceOf(repository), cancellation);

    /// <summary>Every manifest in the storage, of snapshots and of withdrawn ones, by two listings.</summary>
    public IAsyncEnumerable<(string Repository, SnapshotInstant Instant, bool IsWithdrawn)> ListAllAsync(CancellationToken cancellation) =>
        NamesBelowAsync(StorageKeys.Snapshots, cancellation).Select(name => (name.Repository, name.Instant, false))
            .Concat(NamesBelowAsync(StorageKeys.Grace, cancellation).Select(name => (name.Repository, name.Instant, true)));

    /// <summary>The instants of all manifests of snapshots by repository, by one listing.</summary>
    public async Task<ILookup<string, SnapshotInstant>> ListSnapshotsAsync(CancellationToken cancellation) =>
        (await NamesBelowAsync(StorageKeys.Snapshots, cancellation).ToListAsync(cancellation)).ToLookup(name => name.Repository, name => name.Instant, StringComparer.Ordinal);

    private async Task<List<SnapshotInstant>> ListBelowAsync(string folder, CancellationToken cancellation)
    {
        var instants = await NamesBelowAsync(folder, cancellation).Select(name => name.Instant).ToListAsync(cancellation);
        instants.Sort();
        return instants;
    }

    private async IAsyncEnumerable<(string Repository, SnapshotInstant Instant)> NamesBelowAsync(string folder, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var stored in disk.ListAsync(folder, cancellation))
        {
            var name = Path.GetFileName(stored.Key);
            if (name.EndsWith(StorageKeys.ManifestEnding, StringComparison.Ordinal) && SnapshotInstant.TryParse(name[..^StorageKeys.ManifestEnding.Length], null, out var instant))
            {
                yield return (stored.Key.Split('/')[1], instant);
            }
        }
    }

    /// <summary>Every repository with manifests, whether the database knows it or not.</summary>
    public async Task<SortedSet<string>> RepositoriesAsync(CancellationToken cancellation)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        await AddNamesAsync(names, StorageKeys.Snapshots, cancellation);
        return names;
    }

    /// <summary>Every repository with withdrawn snapshots, whether the database knows it or not.</summary>
    public async Task<SortedSet<string>> WithdrawnRepositoriesAsync(CancellationToken cancellation)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        await AddNamesAsync(names, StorageKeys.Grace, cancellation);
        return names;
    }

    /// <summary>Makes a snapshot none any more, but keeps what machines may still read of it. A crash leaves the snapshot, or both, or what was meant.</summary>
    public async Task WithdrawAsync(string repository, SnapshotInstant instant, CancellationToken cancellation)
    {
        if (await disk.ReadAsync(KeyOf(repository, instant), cancellation) is { } content)
        {
            await disk.WriteAsync(GraceKeyOf(repository, instant), content, cancellation);
            await DeleteAsync(repository, instant, cancellation);
        }
    }

    public Task DeleteWithdrawnAsync(string repository, SnapshotInstant instant, CancellationToken cancellation) =>
        disk.DeleteAsync(GraceKeyOf(repository, instant), cancellation);

    public Task DeleteAsync(string repository, SnapshotInstant instant, CancellationToken cancellation) =>
        disk.DeleteAsync(KeyOf(repository, instant), cancellation);

    public static string KeyOf(string repository, SnapshotInstant instant) => StorageKeys.Manifest(repository, instant.ToString());

    private static string GraceKeyOf(string repository, SnapshotInstant instant) => StorageKeys.GraceManifest(repository, instant.ToString());

    private async Task AddNamesAsync(SortedSet<string> names, string prefix, CancellationToken cancellation)
    {
        await foreach (var stored in disk.ListAsync(prefix, cancellation))
        {
            names.Add(stored.Key.Split('/')[1]);
        }
    }
}
