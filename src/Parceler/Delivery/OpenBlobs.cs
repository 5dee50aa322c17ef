using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using Parceler.Storage;

namespace Parceler.Delivery;

/// <summary>A blob that is missing, or is not what its name says: nothing of it may be sent.</summary>
internal sealed class BrokenBlobException(Digest digest, string problem)
    : Exception($"The blob {digest} is {problem}. See what it breaks with: parceler verify");

/// <summary>What became of the search for a blob. The last one counts bytes of blobs, not searches.</summary>
internal enum BlobLookup
{
    Memory,
    OpenFile,
    Opened,
    OpenedBytes,
}

/// <summary>How much is kept open: bytes of small blobs in memory, and files.</summary>
internal sealed record OpenBlobLimits(long MemoryBytes = 32L << 20, int Files = 1024);

/// <summary>
/// The blobs that were sent last, kept ready: opening a file costs as much as sending a small one. Small ones are
/// compared with their digest when they are read.
/// </summary>
/// <param name="cache">Where blobs are fetched to that are no files of this machine; null where all are.</param>
internal sealed class OpenBlobs(BlobStore blobs, OpenBlobLimits limits, BlobCache? cache = null) : IDisposable
{
    /// <summary>Blobs up to this size are sent from memory.</summary>
    public const int SmallBlob = 64 << 10;
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<Digest, OpenBlob> _open = new();
    private readonly Queue<Digest> _order = new();
    private long _bytes;
    private int _files;

    /// <summary>Whether blobs are fetched from a store: then a failure may be the store's.</summary>
    public bool IsOfStore => cache is not null;

    /// <summary>How often a blob was found, by <see cref="BlobLookup"/>; what was not found was opened.</summary>
    public Tally Lookups { get; } = new(Enum.GetValues<BlobLookup>().Length);

    /// <summary>Of small blobs in memory.</summary>
    public long MemoryBytes => Volatile.Read(ref _bytes);

    public int Files => Volatile.Read(ref _files);

    /// <summary>The blob, if it is open, counted for the caller, who releases it.</summary>
    public OpenBlob? TryUse(Digest digest)
    {
        if (_open.TryGetValue(digest, out var known) && known.TryUse())
        {
            known.IsRecent = true;
            Lookups.Add((int)(known.Content is null ? BlobLookup.OpenFile : BlobLookup.Memory));
            return known;
        }

        return null;
    }

    /// <summary>
    /// The blob, counted for the caller, who releases it. Waits for the disk when it is not open. Where it has to be fetched first, a
    /// large one is given as soon as its first bytes are there.
    /// </summary>
    /// <exception cref="BrokenBlobException"/>
    /// <exception cref="IOException">The disk failed, or the store of a blob that has to be fetched.</exception>
    public async ValueTask<OpenBlob> UseAsync(Digest digest, long size)
    {
        if (TryUse(digest) is { } known)
        {
            return known;
        }

        var opened = cache is null ? Open(digest, size) : await FindAsync(cache, digest, size);
        if (opened.Arrival is null)
        {
            opened.TryUse();
            Keep(digest, opened);
        }

        Lookups.Add((int)BlobLookup.Opened);
        Lookups.Add((int)BlobLookup.OpenedBytes, size);
        return opened;
    }

    public void Dispose()
    {
        foreach (var digest in _open.Keys)
        {
            Drop(digest);
        }
    }

    private OpenBlob Open(Digest digest, long size)
    {
        try
        {
            var file = File.OpenHandle(blobs.LocalPathOf(digest)!, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            if (RandomAccess.GetLength(file) != size)
            {
                file.Dispose();
                throw new BrokenBlobException(digest, "damaged: it has another size");
            }

            return Of(digest, file, size);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BrokenBlobException(digest, "missing");
        }
    }

    private static OpenBlob Of(Digest digest, SafeFileHandle file, long size) => size <= SmallBlob ? Read(digest, file, (int)size) : new(file, size);

    private static OpenBlob? OpenCached(BlobCache cache, Digest digest, long size)
    {
        try
        {
            return cache.TryOpen(digest, size) is { } file ? Of(digest, file, size) : null;
        }
        catch (BrokenBlobException)
        {
            cache.Drop(digest); // the copy of this machine: the store has another
            return null;
        }
    }

    private static async ValueTask<OpenBlob> FindAsync(BlobCache cache, Digest digest, long size)
    {
        while (true)
        {
            if (OpenCached(cache, digest, size) is { } kept)
            {
                return kept;
            }

            if (cache.Fetch(digest, size) is { } coming)
            {
                return await FollowAsync(coming, size);
            }
        }
    }

    private static async Task<OpenBlob> FollowAsync(OpenBlob coming, long size)
    {
        try
        {
            await coming.Arrival!.MoreThanAsync(size <= SmallBlob ? size - 1 : 0);
            if (size > SmallBlob)
            {
                return coming;
            }

            var content = GC.AllocateUninitializedArray<byte>((int)size, pinned: true);
            _ = coming.Read(content, 0);
            coming.Release();
            return new(content);
        }
        catch
        {
            coming.Release();
            throw;
        }
    }

    private static OpenBlob Read(Digest digest, SafeFileHandle file, int size)
    {
        using (file)
        {
            var content = GC.AllocateUninitializedArray<byte>(size, pinned: true); // kept long and sent as it is: never to be moved
            var count = 0;
            while (count < size && RandomAccess.Read(file, content.AsSpan(count), count) is > 0 and var read)
            {
                count += read;
            }

            return Digest.Of(content) == digest ? new OpenBlob(content) : throw new BrokenBlobException(digest, "damaged: its bytes have another digest");
        }
    }

    private void Keep(Digest digest, OpenBlob opened)
    {
        lock (_gate)
        {
            if (!_open.TryAdd(digest, opened))
            {
                opened.Release(); // another request was faster; this one is closed after its use
                return;
            }

            _order.Enqueue(digest);
            Count(opened, 1);
            MakeRoom();
        }
    }

    // Clock replacement: what was used since the last look gets another round.
    private void MakeRoom()
    {
        for (var looks = 2 * _order.Count; looks > 0 && (_bytes > limits.MemoryBytes || _files > limits.Files); looks--)
        {
            var digest = _order.Dequeue();
            if (_open.TryGetValue(digest, out var blob) && blob.IsRecent && looks > _order.Count)
            {
                blob.IsRecent = false;
                _order.Enqueue(digest);
            }
            else
            {
                Drop(digest);
            }
        }
    }

    private void Drop(Digest digest)
    {
        if (_open.TryRemove(digest, out var blob))
        {
            Count(blob, -1);
            blob.Release();
        }
    }

    private void Count(OpenBlob blob, int sign)
    {
        if (blob.Content is { } content)
        {
            _bytes += sign * (content.Length + 256);
        }
        else
        {
            _files += sign;
        }
    }
}
