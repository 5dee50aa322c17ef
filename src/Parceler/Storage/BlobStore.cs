using Parceler.Database;

namespace Parceler.Storage;

/// <summary>
/// The contents of all files of all snapshots: each stored once, under the digest of its own bytes, and never changed.
/// </summary>
internal sealed class BlobStore(ParcelerDb db, LocalDisk disk, TimeProvider clock)
{
    /// <summary>Held by whoever commits a manifest and by whoever deletes blobs: the two exclude each other.</summary>
    public Task<DatabaseLock> LockAsync(CancellationToken cancellation) => db.LockAsync("blobs", cancellation);

    public BlobIntake OpenIntake() => new(this, disk.Staging);

    public string PathOf(Digest digest) => disk.PathOf(StorageKeys.Blob(digest));

    /// <summary>Whether the blob is there in its full size. Its bytes are proven by <c>parceler verify</c>.</summary>
    public bool Has(Digest digest, long size) => Posix.Stat(PathOf(digest), followLink: false) is { Kind: FileKind.File } stat && stat.Size == size;

    /// <summary>Makes the blob young again, so that the collector spares what a running sync has just reused.</summary>
    /// <returns>False when the collector was faster.</returns>
    public bool Renew(Digest digest)
    {
        try
        {
            File.SetLastWriteTimeUtc(PathOf(digest), clock.GetUtcNow().UtcDateTime);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Whether somebody has put the blob, or put it again, since then.</summary>
    public bool IsWrittenSince(Digest digest, DateTimeOffset time) => File.GetLastWriteTimeUtc(PathOf(digest)) > time.UtcDateTime;

    /// <summary>All blobs whose digest begins with these two hex digits.</summary>
    public IEnumerable<(Digest Digest, long Size, DateTimeOffset WrittenAt)> List(string firstTwo)
    {
        var folder = new DirectoryInfo(disk.PathOf(StorageKeys.Blobs + firstTwo));
        if (!folder.Exists)
        {
            yield break;
        }

        foreach (var file in folder.EnumerateFiles())
        {
            if (Digest.TryParse(file.Name, null, out var digest))
            {
                yield return (digest, file.Length, file.LastWriteTimeUtc);
            }
        }
    }

    public void Delete(Digest digest) => File.Delete(PathOf(digest));
}
