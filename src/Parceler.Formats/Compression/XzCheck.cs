using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Parceler.Formats.Compression;

/// <summary>The check of the blocks of an xz stream: none, CRC32, CRC64 or SHA-256, as the stream's header says.</summary>
internal sealed class XzCheck : IDisposable
{
    private readonly Crc? _crc;
    private readonly IncrementalHash? _sha;
    private readonly int _size;

    public XzCheck(byte kind) => (_size, _crc, _sha) = kind switch
    {
        0 => (0, (Crc?)null, (IncrementalHash?)null),
        1 => (4, Crc.Of32(), null),
        4 => (8, Crc.Of64(), null),
        10 => (32, null, IncrementalHash.CreateHash(HashAlgorithmName.SHA256)),
        _ => throw new InvalidDataException($"The xz file has a check of an unknown kind, {kind}"),
    };

    public void Add(ReadOnlySpan<byte> content)
    {
        _crc?.Add(content);
        _sha?.AppendData(content);
    }

    /// <summary>Reads the check at the end of a block and compares it.</summary>
    public int Take(XzSource source)
    {
        var sum = source.Take(_size);
        if (!sum.AsSpan().SequenceEqual(Finish()))
        {
            throw XzSource.Damaged();
        }

        return _size;
    }

    public void Dispose() => _sha?.Dispose();

    private byte[] Finish()
    {
        if (_sha is not null)
        {
            return _sha.GetHashAndReset();
        }

        var sum = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(sum, _crc?.Value ?? 0);
        _crc?.Reset();
        return sum[.._size];
    }
}
