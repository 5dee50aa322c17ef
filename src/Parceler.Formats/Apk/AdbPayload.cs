using System.Buffers.Binary;

namespace Parceler.Formats.Apk;

/// <summary>The bytes of a description, and how much may still be taken out of them.</summary>
internal sealed class AdbPayload(ReadOnlyMemory<byte> bytes)
{
    private const int RootAt = 4;
    private const int BytesAsOne = 64;
    private long _left = (1 << 16) + (bytes.Length / 2); // real files take less than one item for four bytes

    public AdbValue Root => bytes.Length >= 8 && bytes.Span[0] == 0 ? new(this, ReadUInt32(RootAt)) : throw AdbFile.Damaged();

    public ReadOnlySpan<byte> Slice(uint at, uint length) => (long)at + length <= bytes.Length ? bytes.Span.Slice((int)at, (int)length) : throw AdbFile.Damaged();

    public uint ReadUInt32(uint at) => BinaryPrimitives.ReadUInt32LittleEndian(Slice(at, sizeof(uint)));

    public ReadOnlySpan<byte> Take(uint at, uint length)
    {
        Count(1 + (length / BytesAsOne));
        return Slice(at, length);
    }

    public void Count(long items)
    {
        _left -= items;
        if (_left < 0)
        {
            throw new InvalidDataException("The file of apk 3 repeats its parts without end");
        }
    }
}
