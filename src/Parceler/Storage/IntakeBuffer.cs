using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Parceler.Storage;

/// <summary>
/// What one thread needs to take files in, used again for file after file: fresh memory for each costs more than its bytes do.
/// </summary>
internal sealed unsafe class IntakeBuffer : IDisposable
{
    public const int Size = 1 << 20;
    public const int Alignment = 4096; // for direct writes
    private const int Slice = 256 << 10; // what fits a core's own cache, so that bytes are hashed while they are there
    private readonly byte* _bytes = (byte*)NativeMemory.AlignedAlloc(Size, Alignment);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public Span<byte> Span => new(_bytes, Size);

    /// <summary>Reads from <paramref name="offset"/> on until the buffer is full or the file ends, and hashes what it read.</summary>
    public int Fill(SafeFileHandle source, long offset)
    {
        var count = 0;
        while (count < Size && RandomAccess.Read(source, Span.Slice(count, Math.Min(Slice, Size - count)), offset + count) is > 0 and var read)
        {
            _hash.AppendData(Span.Slice(count, read));
            count += read;
        }

        return count;
    }

    /// <summary>Room for what comes next, behind the <paramref name="filled"/> bytes that are there.</summary>
    public Span<byte> After(int filled) => Span.Slice(filled, Math.Min(Slice, Size - filled));

    /// <summary>Hashes bytes that were put there.</summary>
    public void Hash(int from, int count) => _hash.AppendData(Span.Slice(from, count));

    /// <summary>Of all that was hashed since the last time.</summary>
    public Digest TakeDigest()
    {
        Span<byte> digest = stackalloc byte[Digest.Size];
        _hash.GetHashAndReset(digest);
        return new(digest);
    }

    public void Dispose()
    {
        _hash.Dispose();
        NativeMemory.AlignedFree(_bytes);
    }
}
