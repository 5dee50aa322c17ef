using System.Runtime.CompilerServices;
using Parceler.Database;

namespace Parceler.Storage;

/// <summary>Blobs as files of a local disk. A blob's time of modification says when somebody last had a use for it.</summary>
internal sealed class LocalBlobs(ParcelerDb db, LocalDisk disk, WorkFolder work, TimeProvider clock) : BlobStore(db, work)
{
    public override int Connections => Environment.ProcessorCount;

    public override bool IsCheapToAsk => true;

    public override string LocalPathOf(Digest digest) => disk.PathOf(StorageKeys.Blob(digest));

    public override Stream OpenRead(Digest digest) =>
        new FileStream(LocalPathOf(digest), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    public override Task<Stream> OpenReadAsync(Digest digest, CancellationToken cancellation) => Task.FromResult(OpenRead(digest));

    public override bool Has(Digest digest, long size) => Posix.Stat(LocalPathOf(digest), followLink: false) is { Kind: FileKind.File } stat && stat.Size == size;

    public override Task<HashSet<Digest>> MissingAsync(IReadOnlyCollection<(Digest Digest, long Size)> blobs, CancellationToken cancellation)
    {
        var missing = new HashSet<Digest>();
        var all = blobs as IReadOnlyList<(Digest Digest, long Size)> ?? [.. blobs];
        ManyFiles.For(0, all.Count, at =>
        {
            if (!Has(all[at].Digest, all[at].Size))
            {
                lock (missing)
                {
                    missing.Add(all[at].Digest);
                }
            }
        }, cancellation);
        return Task.FromResult(missing);
    }

    public override async IAsyncEnumerable<StoredBlob> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        for (var first = 0; first < 256; first++)
        {
            var folder = new DirectoryInfo(disk.PathOf(StorageKeys.Blobs + first.ToString("x2", null)));
            foreach (var file in folder.Exists ? folder.EnumerateFiles() : [])
            {
                cancellation.ThrowIfCancellationRequested();
                if (Digest.TryParse(file.Name, null, out var digest))
                {
                    yield return new(digest, file.Length, file.LastWriteTimeUtc);
                }
            }
        }
    }

    public override Task<IReadOnlyCollection<Digest>> DeleteAsync(IReadOnlyCollection<Digest> digests, DateTimeOffset since, CancellationToken cancellation)
    {
        var deleted = digests.Where(digest => File.GetLastWriteTimeUtc(LocalPathOf(digest)) <= since.UtcDateTime).ToList();
        foreach (var digest in deleted)
        {
            File.Delete(LocalPathOf(digest));
        }

        return Task.FromResult<IReadOnlyCollection<Digest>>(deleted);
    }

    internal override bool Reuse(Digest digest, long size) => Has(digest, size) && Renew(digest);

    internal override void Store(IReadOnlyList<StagedBlob> staged, Action<StagedBlob, bool> stored, CancellationToken cancellation)
    {
        var folder = staged[0].Folder;
        Posix.SyncFileSystem(folder); // the bytes, before any name leads to them
        foreach (var target in staged.Select(blob => Path.GetDirectoryName(LocalPathOf(blob.Digest))!).Distinct())
        {
            Directory.CreateDirectory(target);
        }

        ManyFiles.For(0, staged.Count, at => Name(staged[at]), CancellationToken.None);
        Posix.SyncFileSystem(folder); // the names
        foreach (var blob in staged)
        {
            stored(blob, true);
        }
    }

    private void Name(StagedBlob staged)
    {
        File.Move(staged.Path, LocalPathOf(staged.Digest), overwrite: true); // a damaged blob of another size is replaced
        Renew(staged.Digest);
    }

    // Young again, so that the collector spares what a running sync has just reused. False when the collector was faster.
    private bool Renew(Digest digest)
    {
        try
        {
            File.SetLastWriteTimeUtc(LocalPathOf(digest), clock.GetUtcNow().UtcDateTime);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }
}
