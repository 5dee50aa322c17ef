using System.Buffers.Binary;
using System.IO.Compression;

namespace Parceler.Formats.Compression;

/// <summary>
/// Parts a file of several gzip members, as those of apk 2 are: a signature is over the bytes of the members after it. The library's reader
/// takes more of a file than the member has, so it is given one byte at a time. Source: RFC 1952.
/// </summary>
internal sealed class GzipMembers(Stream source)
{
    private const int LongestText = 1 << 16;

    /// <summary>What follows the members that were taken, as it stands.</summary>
    public Stream Rest { get; } = new BufferedStream(source, 1 << 16);

    /// <summary>A member as it stands, and what it unpacks to.</summary>
    internal sealed record Member(byte[] Raw, byte[] Content);

    /// <summary>The next member, or null at the end; neither its bytes nor its content may be more than the limit.</summary>
    public Member? Next(int limit)
    {
        var bytes = new RecordedBytes(Rest, limit);
        if (bytes.ReadByte() is var first && first < 0)
        {
            return null;
        }

        SkipHeader(bytes, first);
        var content = Unpack(bytes, limit);
        var end = bytes.Take(2 * sizeof(uint));
        var isWhole = BinaryPrimitives.ReadUInt32LittleEndian(end) == Crc.Sum32(content) && BinaryPrimitives.ReadUInt32LittleEndian(end.AsSpan(4)) == (uint)content.Length;
        return isWhole ? new(bytes.ToArray(), content) : throw Damaged();
    }

    private static byte[] Unpack(RecordedBytes bytes, int limit)
    {
        using var deflate = new DeflateStream(bytes, CompressionMode.Decompress, leaveOpen: true);
        using var limited = new LimitedStream(deflate, limit);
        using var content = new MemoryStream();
        limited.CopyTo(content);
        return content.ToArray();
    }

    private static void SkipHeader(RecordedBytes bytes, int first)
    {
        var header = bytes.Take(9);
        var flags = header[2];
        if (first != 0x1f || header[0] != 0x8b || header[1] != 8 || (flags & 0xE0) != 0)
        {
            throw Damaged();
        }

        if ((flags & 4) != 0)
        {
            bytes.Take(BinaryPrimitives.ReadUInt16LittleEndian(bytes.Take(2)));
        }

        SkipText(bytes, (flags & 8) != 0);
        SkipText(bytes, (flags & 16) != 0);
        bytes.Take((flags & 2) != 0 ? 2 : 0);
    }

    private static void SkipText(RecordedBytes bytes, bool isThere)
    {
        for (var length = 0; isThere; length++)
        {
            isThere = length < LongestText ? bytes.Take(1)[0] != 0 : throw Damaged();
        }
    }

    private static InvalidDataException Damaged() => new("The file is damaged, cut short, or has no whole gzip members");

    /// <summary>Gives one byte at a time and keeps it.</summary>
    private sealed class RecordedBytes(Stream source, int limit) : ReadOnlyStream
    {
        private readonly MemoryStream _taken = new();

        public override int Read(Span<byte> buffer)
        {
            var next = buffer.IsEmpty ? -1 : source.ReadByte();
            if (next < 0)
            {
                return 0;
            }

            buffer[0] = (byte)next;
            _taken.WriteByte((byte)next);
            return _taken.Length <= limit ? 1 : throw new InvalidDataException($"A part of the file has more than {limit} bytes");
        }

        public byte[] Take(int count)
        {
            var bytes = new byte[count];
            return this.ReadAtLeast(bytes, count, throwOnEndOfStream: false) == count ? bytes : throw Damaged();
        }

        public byte[] ToArray() => _taken.ToArray();
    }
}
