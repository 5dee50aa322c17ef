using Parceler.Snapshots;
using Parceler.Storage;
using Parceler.Storage.S3;

namespace Parceler.Imports;

/// <summary>A bucket: objects <c>snapshots/NAME/INSTANT/PATH</c>.</summary>
internal sealed class LaravelBucket(S3Bucket bucket) : LaravelStorage
{
    private readonly S3Disk _disk = new(bucket);
    private Dictionary<string, SortedSet<string>>? _folders;

    public override bool IsBucket => true;

    public override async Task<List<string>> RepositoriesAsync(CancellationToken cancellation) => [.. (await FoldersAsync(cancellation)).Keys.Order(StringComparer.Ordinal)];

    public override async Task<List<string>> FoldersAsync(string repository, CancellationToken cancellation) =>
        (await FoldersAsync(cancellation)).TryGetValue(repository, out var folders) ? [.. folders] : [];

    public override async Task<FolderSize?> MeasureAsync(string path, CancellationToken cancellation)
    {
        var (files, bytes, isThere) = (0L, 0L, false);
        await foreach (var stored in _disk.ListAsync(path + "/", cancellation))
        {
            isThere = true;
            files += IsFolder(stored) ? 0 : 1;
            bytes += stored.Size;
        }

        return isThere ? new(files, bytes) : null;
    }

    public override SnapshotSource Open(string path, BlobStore blobs, string memory, IReadOnlyDictionary<string, SnapshotFile> before, Progress progress) =>
        new ObjectIntake(_disk, blobs, path + "/", memory, progress);

    public override void Dispose()
    {
        base.Dispose();
        bucket.Dispose();
    }

    // A bucket knows no folders: one listing of all keys tells them.
    private async Task<Dictionary<string, SortedSet<string>>> FoldersAsync(CancellationToken cancellation)
    {
        if (_folders is not null)
        {
            return _folders;
        }

        var found = new Dictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        await foreach (var stored in _disk.ListAsync(Snapshots + "/", cancellation))
        {
            if (stored.Key.Split('/', 4) is [_, var repository, var folder, _])
            {
                (found.TryGetValue(repository, out var folders) ? folders : found[repository] = new(StringComparer.Ordinal)).Add(folder);
            }
        }

        return _folders = found;
    }

    private static bool IsFolder(StoredObject stored) => stored is { Size: 0 } && stored.Key.EndsWith('/');
}
