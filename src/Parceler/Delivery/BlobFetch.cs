using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Parceler.Storage;

namespace Parceler.Delivery;

/// <summary>Brings one blob from the store into a file, and lets readers follow.</summary>
internal sealed class BlobFetch(Digest digest, long size, string path)
{
    private const int AtOnce = 256 << 10;
    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(4); // clients wait 5 s for an answer
    private static readonly TimeSpan s_next = TimeSpan.FromSeconds(10);
    private readonly TaskCompletionSource<OpenBlob?> _blob = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SafeFileHandle _file = null!;

    public Digest Digest => digest;

    public long Size => size;

    public string Path => path;

    public Arrival Arrival { get; } = new(size);

    /// <summary>Makes the file. The blob is counted once for the fetch itself, and once for the caller.</summary>
    public OpenBlob Begin()
    {
        try
        {
            _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            var blob = new OpenBlob(_file, size) { Arrival = Arrival };
            blob.TryUse();
            _blob.SetResult(blob);
            return blob;
        }
        catch (Exception e)
        {
            _blob.SetException(e);
            throw;
        }
    }

    /// <summary>It is not needed after all.</summary>
    public void Leave() => _blob.SetResult(null);

    /// <summary>The blob, counted for the caller; null when the fetch has ended, or was left.</summary>
    public OpenBlob? TryUse()
    {
        var blob = _blob.Task.GetAwaiter().GetResult(); // there since a moment after the fetch is known
        return blob?.TryUse() is true ? blob : null;
    }

    /// <exception cref="BrokenBlobException"/>
    /// <exception cref="IOException">The store gave no answer, or not all of it.</exception>
    public async Task RunAsync(ReadBlob read, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(size + 1, AtOnce));
        try
        {
            patience.CancelAfter(s_first);
            await using var content = await read(digest, patience.Token);
            Prove(await TakeAsync(content, buffer, hash, patience), hash);
            ArrayPool<byte>.Shared.Return(buffer); // after a failure a read may still be under way into it
        }
        catch (FileNotFoundException)
        {
            throw new BrokenBlobException(digest, "missing");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException($"The store sent nothing of the blob {digest} in time");
        }
    }

    public void End() => _blob.Task.Result!.Release();

    // Takes together what comes without a wait: each time the readers are woken.
    private async Task<long> TakeAsync(Stream content, byte[] buffer, IncrementalHash hash, CancellationTokenSource patience)
    {
        var (came, from, to) = (0L, 0, 0); // in the buffer stands what was not taken yet
        while (true)
        {
            var reading = content.ReadAsync(buffer.AsMemory(to), patience.Token);
            if (to > from && !reading.IsCompleted)
            {
                came += Take(buffer.AsSpan(from..to), came, hash);
                from = to;
            }

            var count = await reading;
            patience.CancelAfter(s_next);
            to += count;
            if (count == 0 || to == buffer.Length)
            {
                came += Take(buffer.AsSpan(from..to), came, hash);
                (from, to) = (0, 0);
            }

            if (count == 0)
            {
                return came;
            }
        }
    }

    private int Take(ReadOnlySpan<byte> bytes, long at, IncrementalHash hash)
    {
        if (at + bytes.Length > size)
        {
            throw new BrokenBlobException(digest, "damaged: it has another size");
        }

        hash.AppendData(bytes);
        RandomAccess.Write(_file, bytes, at);
        Arrival.Came(at + bytes.Length);
        return bytes.Length;
    }

    private void Prove(long came, IncrementalHash hash)
    {
        if (came != size)
        {
            throw new BrokenBlobException(digest, "damaged: it has another size");
        }

        if (new Digest(hash.GetHashAndReset()) != digest)
        {
            throw new BrokenBlobException(digest, "damaged: its bytes have another digest");
        }
    }
}
