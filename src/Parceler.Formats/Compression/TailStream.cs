using System.Buffers.Binary;

namespace Parceler.Formats.Compression;

/// <summary>Passes a stream through and remembers its last bytes: a gzip file ends with the length of its content.</summary>
internal sealed class TailStream(Stream source) : ReadOnlyStream
{
    private readonly byte[] _last = new byte[sizeof(uint)];

    public long Count { get; private set; }

    /// <summary>The last four bytes read so far, as a little-endian number.</summary>
    public uint Last => BinaryPrimitives.ReadUInt32LittleEndian(_last);

    public override int Read(Span<byte> buffer)
    {
        var read = source.Read(buffer);
        Count += read;
        Remember(buffer[..read]);
        return read;
    }

    private void Remember(ReadOnlySpan<byte> bytes)
    {
        var taken = bytes[^Math.Min(bytes.Length, _last.Length)..];
        _last.AsSpan(taken.Length).CopyTo(_last);
        taken.CopyTo(_last.AsSpan(_last.Length - taken.Length));
    }
}
