using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Parceler.Storage;

/// <summary>
/// Takes many files in at once. <see cref="Add"/> copies and hashes into the staging folder, on as many threads as
/// the caller likes; <see cref="Commit"/> makes them blobs together. Disposing drops what was not committed.
/// </summary>
internal sealed class BlobIntake : IDisposable
{
    private readonly ConcurrentDictionary<Digest, Staged> _staged = new();
    private readonly ConcurrentDictionary<Digest, bool> _asked = new(); // whether they are there; only where it costs to ask
    private readonly ConcurrentBag<IntakeBuffer> _buffers = [];
    private readonly BlobStore _blobs;
    private readonly string _folder;
    private long _number;
    private long _newBlobs;
    private long _newBytes;

    internal BlobIntake(BlobStore blobs, string stagingFolder)
    {
        _blobs = blobs;
        _folder = Path.Combine(stagingFolder, Path.GetRandomFileName());
        Directory.CreateDirectory(_folder);
    }

    public long NewBlobs => Interlocked.Read(ref _newBlobs);

    public long NewBytes => Interlocked.Read(ref _newBytes);

    /// <summary>Reads <paramref name="source"/> to its end. Its bytes are stored unless the store has them already.</summary>
    public (Digest Digest, long Size) Add(SafeFileHandle source)
    {
        var buffer = TakeBuffer();
        try
        {
            var count = buffer.Fill(source, 0);
            var added = count < IntakeBuffer.Size ? AddSmall(buffer, count) : AddLarge(source, buffer, count);
            GiveBack(buffer);
            return added;
        }
        catch
        {
            buffer.Dispose(); // it has hashed half a file
            throw;
        }
    }

    /// <summary>Whether the bytes of <paramref name="source"/> are those of a blob that is here already. Reads them all, and writes nothing.</summary>
    public bool IsThere(SafeFileHandle source, Digest digest, long size)
    {
        var buffer = TakeBuffer();
        try
        {
            long read = 0;
            for (var count = IntakeBuffer.Size; count == IntakeBuffer.Size; read += count)
            {
                count = buffer.Fill(source, read);
            }

            var isSame = buffer.TakeDigest() == digest && read == size;
            GiveBack(buffer);
            return isSame && Has(digest, size);
        }
        catch
        {
            buffer.Dispose(); // it has hashed half a file
            throw;
        }
    }

    /// <summary>For contents that come bit by bit. To be used by one thread, again and again.</summary>
    public BlobWriter OpenWriter() => new(this);

    /// <summary>Takes blobs for present without asking, where it costs to ask: a commit proves them anyway.</summary>
    public void Presume(IEnumerable<Digest> digests)
    {
        if (!_blobs.IsCheapToAsk)
        {
            foreach (var digest in digests)
            {
                _asked.TryAdd(digest, true);
            }
        }
    }

    /// <summary>What was taken for present is not: it is stored again when it comes.</summary>
    public void Forget(Digest digest) => _asked[digest] = false;

    /// <summary>Asks for many blobs at once, where it costs to ask, so that <see cref="Has"/> knows of each.</summary>
    public void Ask(IEnumerable<(Digest Digest, long Size)> wanted, CancellationToken cancellation)
    {
        if (_blobs.IsCheapToAsk)
        {
            return;
        }

        var unknown = wanted.Where(blob => !_asked.ContainsKey(blob.Digest)).DistinctBy(blob => blob.Digest).ToList();
        var missing = _blobs.MissingAsync(unknown, cancellation).GetAwaiter().GetResult();
        foreach (var (digest, _) in unknown)
        {
            _asked.TryAdd(digest, !missing.Contains(digest));
        }
    }

    /// <summary>The bytes of what is staged here or is in the store.</summary>
    public Stream OpenRead(Digest digest)
    {
        if (_staged.TryGetValue(digest, out var staged))
        {
            try
            {
                return File.OpenRead(PathOf(staged.Number));
            }
            catch (FileNotFoundException)
            {
                // it was committed meanwhile
            }
        }

        return _blobs.OpenRead(digest);
    }

    /// <summary>Makes everything added so far durable, then visible under its digest. Others may add meanwhile.</summary>
    /// <exception cref="IOException">Not all of it could be stored.</exception>
    public void Commit(CancellationToken cancellation)
    {
        var staged = new List<StagedBlob>(_staged.Count);
        foreach (var (digest, file) in _staged)
        {
            staged.Add(new(digest, file.Size, _folder, file.Number));
        }

        if (staged.Count > 0)
        {
            _blobs.Store(staged, Stored, cancellation);
        }
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        foreach (var buffer in _buffers)
        {
            buffer.Dispose();
        }
    }

    /// <summary>Whether a blob or something staged has this size and, read whole, this digest.</summary>
    public bool Proves(Digest digest, out long size)
    {
        size = 0;
        try
        {
            using var file = OpenRead(digest);
            size = file.Length;
            return new Digest(SHA256.HashData(file)) == digest && Has(digest, size);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Whether the bytes are here already; then the collector spares them, where it can be told.</summary>
    public bool Has(Digest digest, long size) =>
        _staged.ContainsKey(digest)
        || (_blobs.IsCheapToAsk ? _blobs.Reuse(digest, size) : _asked.GetOrAdd(digest, static (digest, ask) => ask._blobs.Reuse(digest, ask.size), (_blobs, size)));

    /// <summary>Whether bytes that were read need not be kept. Where it costs to ask, storing them again tells as much.</summary>
    internal bool IsNeedless(Digest digest, long size) => _blobs.IsCheapToAsk ? Has(digest, size) : _staged.ContainsKey(digest) || _asked.GetValueOrDefault(digest);

    internal IntakeBuffer TakeBuffer() => _buffers.TryTake(out var used) ? used : new();

    internal void GiveBack(IntakeBuffer buffer) => _buffers.Add(buffer);

    internal string NextPath() => PathOf(Interlocked.Increment(ref _number));

    internal void Keep(Digest digest, string path, long size)
    {
        if (!_staged.TryAdd(digest, new(NumberOf(path), size)))
        {
            File.Delete(path); // another thread had the same bytes
        }
    }

    private void Stored(StagedBlob blob, bool isNew)
    {
        if (!_blobs.IsCheapToAsk)
        {
            _asked[blob.Digest] = true;
        }

        _staged.TryRemove(blob.Digest, out _);
        if (isNew)
        {
            Interlocked.Increment(ref _newBlobs);
            Interlocked.Add(ref _newBytes, blob.Size);
            StorageInstruments.Written(blob.Size);
        }
    }

    private (Digest, long) AddSmall(IntakeBuffer buffer, int count)
    {
        var digest = buffer.TakeDigest();
        if (!IsNeedless(digest, count))
        {
            var path = NextPath();
            using (var file = Posix.Create(path))
            {
                RandomAccess.Write(file, buffer.Span[..count], 0);
            }

            Keep(digest, path, count);
        }

        return (digest, count);
    }

    private (Digest, long) AddLarge(SafeFileHandle source, IntakeBuffer buffer, int count)
    {
        var path = NextPath();
        long size = 0;
        using (var target = new StagedFile(path))
        {
            target.Write(buffer, count);
            for (size = count; count == IntakeBuffer.Size; size += count) // a part that is not full is the last: what a growing file gets meanwhile is another state of it
            {
                count = buffer.Fill(source, size);
                target.Write(buffer, count);
            }
        }

        var digest = buffer.TakeDigest();
        if (IsNeedless(digest, size))
        {
            File.Delete(path);
        }
        else
        {
            Keep(digest, path, size);
        }

        return (digest, size);
    }

    private string PathOf(long number) => StagedBlob.PathOf(_folder, number);

    private static long NumberOf(string path) => long.Parse(Path.GetFileName(path.AsSpan()), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private readonly record struct Staged(long Number, long Size);
}
