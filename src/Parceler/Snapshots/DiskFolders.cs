using Parceler.Storage;

namespace Parceler.Snapshots;

/// <summary>
/// Folders of files that operators see on the storage disk: objects with a common prefix, or what stands in the work folder of this
/// machine, where sync commands write.
/// </summary>
internal sealed class DiskFolders(StorageDisk disk, WorkFolder work, BlobStore blobs)
{
    /// <summary>The folder, ready to be taken in; null when there is none of this path.</summary>
    /// <param name="memory">Begins the names of the files that remember what was read.</param>
    public async Task<SnapshotSource?> OpenAsync(string path, string memory, Progress progress, CancellationToken cancellation)
    {
        if (!disk.IsWorkFolder && await disk.ListAsync(path + "/", cancellation).AnyAsync(cancellation))
        {
            return new ObjectIntake(disk, blobs, path + "/", Path.Combine(work.Jobs, memory + ".objects"), progress);
        }

        return MayBeOfWorkFolder(path) && Directory.Exists(work.PathOf(path))
            ? new FolderSource(new(blobs, new SourceTree(work.PathOf(path), ""), Path.Combine(work.Jobs, memory + ".index"), progress))
            : null;
    }

    /// <summary>The objects below a path, or the one at it; none where the disk is the work folder, whose files are looked at there.</summary>
    public async Task<List<StoredObject>> ObjectsAsync(string path, CancellationToken cancellation)
    {
        if (disk.IsWorkFolder)
        {
            return [];
        }

        var below = await disk.ListAsync(path + "/", cancellation).Where(stored => !stored.Key.EndsWith('/')).ToListAsync(cancellation);
        below.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
        return below.Count > 0 ? below
            : await disk.FindAsync(path, cancellation) is { } one ? [one]
            : [];
    }

    /// <summary>Whether a path may be looked for in the work folder. Beside a bucket, only what commands write there is of the storage.</summary>
    public bool MayBeOfWorkFolder(string path) => disk.IsWorkFolder || path == "source" || path.StartsWith("source/", StringComparison.Ordinal);
}
