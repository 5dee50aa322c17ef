using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Parceler.Storage;

namespace Parceler.Delivery;

/// <summary>Opens the bytes of a blob in the store.</summary>
internal delegate Task<Stream> ReadBlob(Digest digest, CancellationToken cancellation);

/// <summary>How much is kept of a store.</summary>
/// <param name="Bytes">How much the cache may take up on this machine's disk; what is being sent comes on top.</param>
internal sealed record BlobCacheLimits(long Bytes);

/// <summary>
/// The blobs of a bucket that were asked for last, as files of this machine. A blob is fetched once, however many ask for it, and
/// proven by its digest before it is kept; readers follow while it comes.
/// </summary>
internal sealed partial class BlobCache : IDisposable
{
    private readonly ReadBlob _read;
    private readonly CachedFiles _files;
    private readonly ConcurrentDictionary<Digest, BlobFetch> _fetches = new();
    private readonly StoreOutage _outage;
    private readonly SemaphoreSlim _places;
    private readonly CancellationTokenSource _stopping = new();

    public BlobCache(ReadBlob read, int connections, WorkFolder work, BlobCacheLimits limits, StoreOutage outage, ILogger<BlobCache> log)
    {
        _read = read;
        _files = new(work.PathOf("cache"), limits.Bytes);
        _outage = outage;
        _places = new(connections);
        if (_files.Load() is { } dropped and > 0)
        {
            Emptied(log, dropped);
        }
    }

    /// <summary>On the disk.</summary>
    public long Bytes => _files.Bytes;

    /// <summary>The file of a blob that is here whole; null when it is not.</summary>
    public SafeFileHandle? TryOpen(Digest digest, long size) => _files.TryOpen(digest, size);

    /// <summary>Forgets a file that proved to be damaged.</summary>
    public void Drop(Digest digest) => _files.Drop(digest);

    /// <summary>A blob that is being fetched from now on, or was already; counted for the caller, who releases it. Null when it has just come whole.</summary>
    public OpenBlob? Fetch(Digest digest, long size)
    {
        while (true)
        {
            var mine = new BlobFetch(digest, size, _files.NewPath());
            var fetch = _fetches.GetOrAdd(digest, mine);
            if (fetch == mine)
            {
                return _files.Has(digest) ? Leave(mine) : Begin(mine);
            }

            if (fetch.TryUse() is { } joined)
            {
                return joined;
            }

            Thread.Yield(); // it has just ended
        }
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private OpenBlob? Leave(BlobFetch fetch)
    {
        _fetches.TryRemove(fetch.Digest, out _);
        fetch.Leave();
        return null;
    }

    private OpenBlob Begin(BlobFetch fetch)
    {
        try
        {
            var blob = fetch.Begin();
            _ = RunAsync(fetch);
            return blob;
        }
        catch
        {
            _fetches.TryRemove(fetch.Digest, out _);
            throw;
        }
    }

    private async Task RunAsync(BlobFetch fetch)
    {
        await Task.Yield();
        try
        {
            await _places.WaitAsync(_stopping.Token);
            try
            {
                await fetch.RunAsync(_read, _stopping.Token);
            }
            finally
            {
                _places.Release();
            }

            _files.Keep(fetch.Path, fetch.Digest, fetch.Size);
            fetch.Arrival.Proven();
            _outage.IsOver();
        }
        catch (Exception e)
        {
            File.Delete(fetch.Path);
            fetch.Arrival.Fail(e);
        }
        finally
        {
            _fetches.TryRemove(fetch.Digest, out _);
            fetch.End();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The cache of blobs is empty: this machine was started anew, and {Files} files of before can't be trusted")]
    private static partial void Emptied(ILogger log, int files);
}
