using System.Buffers.Binary;

namespace Parceler.Formats.Compression;

/// <summary>The bytes of an xz file. Its end is an error wherever the format goes on: the decoder would wait for more for ever.</summary>
internal sealed class XzSource(Stream packed) : ReadOnlyStream
{
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _at;
    private int _end;

    /// <summary>How many bytes were taken.</summary>
    public long Count { get; private set; }

    public bool IsAtEnd => _at == _end && !Fill();

    public byte Peek() => IsAtEnd ? throw Short() : _buffer[_at];

    public byte Take()
    {
        var value = Peek();
        _at++;
        Count++;
        return value;
    }

    public override int ReadByte() => Take();

    public override int Read(Span<byte> buffer)
    {
        if (IsAtEnd)
        {
            throw Short();
        }

        var count = Math.Min(buffer.Length, _end - _at);
        _buffer.AsSpan(_at, count).CopyTo(buffer);
        _at += count;
        Count += count;
        return count;
    }

    public byte[] Take(int count)
    {
        var bytes = new byte[count];
        ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Zeros up to a multiple of four from <paramref name="start"/>.</summary>
    public void TakePadding(long start)
    {
        while (((Count - start) & 3) != 0)
        {
            if (Take() != 0)
            {
                throw Damaged();
            }
        }
    }

    /// <summary>A check sum of the bytes before it.</summary>
    public void TakeSum32(ReadOnlySpan<byte> summed)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint))) != Crc.Sum32(summed))
        {
            throw Damaged();
        }
    }

    public static InvalidDataException Damaged() => new("The file is damaged, or no xz file");

    private static InvalidDataException Short() => new("The xz file is cut short");

    private bool Fill()
    {
        _at = 0;
        _end = packed.Read(_buffer);
        return _end > 0;
    }
}
