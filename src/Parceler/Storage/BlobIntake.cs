using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Parceler.Storage;

/// <summary>
/// Takes many files in at once. <see cref="Add"/> copies and hashes into the staging folder, on as many threads as
/// the caller likes; <see cref="Commit"/> flushes them together and gives them their names. Disposing drops what was not committed.
/// </summary>
internal sealed class BlobIntake : IDisposable
{
    private const int SmallFile = 1 << 20;
    private readonly ConcurrentDictionary<Digest, Staged> _staged = new();
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

    /// <summary>Bytes that wait for a commit.</summary>
    public long StagedBytes => _staged.Values.Sum(s => s.Size);

    /// <summary>Reads <paramref name="source"/> to its end. Its bytes are stored unless the store has them already.</summary>
    public (Digest Digest, long Size) Add(SafeFileHandle source)
    {
        var length = RandomAccess.GetLength(source);
        return length <= SmallFile ? AddSmall(source, (int)length) : AddLarge(source);
    }

    /// <summary>Makes everything added so far durable, then visible under its digest.</summary>
    public void Commit()
    {
        if (_staged.IsEmpty)
        {
            return;
        }

        Posix.SyncFileSystem(_folder); // the bytes, before any name leads to them
        foreach (var (digest, staged) in _staged)
        {
            var path = _blobs.PathOf(digest);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Move(staged.Path, path, overwrite: true); // a damaged blob of another size is replaced
            _blobs.Renew(digest);
            Interlocked.Increment(ref _newBlobs);
            Interlocked.Add(ref _newBytes, staged.Size);
        }

        Posix.SyncFileSystem(_folder); // the names
        _staged.Clear();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (Digest, long) AddSmall(SafeFileHandle source, int length)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(length + 1); // one more, to notice a file that grows
        try
        {
            var count = ReadFull(source, buffer, 0);
            if (count > length)
            {
                return AddLarge(source);
            }

            var content = buffer.AsSpan(0, count);
            var digest = Digest.Of(content);
            if (!Known(digest, count))
            {
                Stage(digest, content);
            }

            return (digest, count);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private (Digest, long) AddLarge(SafeFileHandle source)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var path = NextPath();
        long size = 0;
        using (var target = new StagedFile(path))
        {
            int count;
            do
            {
                count = ReadFull(source, target.Buffer, size);
                hash.AppendData(target.Buffer[..count]);
                target.WriteBuffer(count);
                size += count;
            } while (count == target.Buffer.Length); // a part that is not full is the last: what a growing file gets meanwhile is another state of it
        }

        var digest = new Digest(hash.GetHashAndReset());
        if (Known(digest, size) || !_staged.TryAdd(digest, new(path, size)))
        {
            File.Delete(path);
        }

        return (digest, size);
    }

    private void Stage(Digest digest, ReadOnlySpan<byte> content)
    {
        var path = NextPath();
        using (var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write))
        {
            RandomAccess.Write(file, content, 0);
        }

        if (!_staged.TryAdd(digest, new(path, content.Length)))
        {
            File.Delete(path);
        }
    }

    private bool Known(Digest digest, long size)
    {
        if (_staged.ContainsKey(digest))
        {
            return true;
        }

        return _blobs.Has(digest, size) && _blobs.Renew(digest);
    }

    private string NextPath() => Path.Combine(_folder, Interlocked.Increment(ref _number).ToString("x", null));

    private static int ReadFull(SafeFileHandle source, Span<byte> buffer, long offset)
    {
        var count = 0;
        while (count < buffer.Length && RandomAccess.Read(source, buffer[count..], offset + count) is > 0 and var read)
        {
            count += read;
        }

        return count;
    }

    private readonly record struct Staged(string Path, long Size);
}
