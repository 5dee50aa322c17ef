using System.Buffers.Binary;

namespace Parceler.Formats.Signing;

/// <summary>
/// One packet of an OpenPGP file. They are parted here before the library reads them: it would take as much memory as a packet says to have.
/// Source: RFC 9580, section 4.2.
/// </summary>
internal readonly record struct OpenPgpPacket(int Tag, ReadOnlyMemory<byte> Body, ReadOnlyMemory<byte> Whole)
{
    public const int Signature = 2;
    public const int SecretKey = 5;
    public const int PublicKey = 6;
    public const int SecretSubkey = 7;
    public const int UserId = 13;
    public const int PublicSubkey = 14;

    /// <summary>Keys and signatures have had this version since 1998; others are passed over, as by the gpg of Debian 12.</summary>
    public bool IsVersion4 => !Body.IsEmpty && Body.Span[0] == 4;

    /// <summary>All packets of a file, with a FormatException where it is none.</summary>
    public static List<OpenPgpPacket> Split(ReadOnlyMemory<byte> file)
    {
        var packets = new List<OpenPgpPacket>();
        while (!file.IsEmpty)
        {
            var (tag, start, length) = ReadHeader(file.Span);
            var end = start + length;
            packets.Add(end <= file.Length ? new(tag, file[start..(int)end], file[..(int)end]) : throw Damaged());
            file = file[(int)end..];
        }

        return packets;
    }

    private static (int Tag, int Start, long Length) ReadHeader(ReadOnlySpan<byte> packet)
    {
        var first = packet[0];
        return (first & 0xC0) switch
        {
            0xC0 => ReadLength(first & 0x3F, packet),
            0x80 => ReadOldLength((first >> 2) & 0xF, first & 3, packet),
            _ => throw Damaged(),
        };
    }

    // lengths in parts are for streams, which keys and signatures are not
    private static (int Tag, int Start, long Length) ReadLength(int tag, ReadOnlySpan<byte> packet) => packet[1..] switch
    {
        [< 192 and var length, ..] => (tag, 2, length),
        [< 224 and var high, var low, ..] => (tag, 3, ((high - 192) << 8) + low + 192),
        [255, _, _, _, _, ..] => (tag, 6, BinaryPrimitives.ReadUInt32BigEndian(packet[2..])),
        _ => throw Damaged(),
    };

    private static (int Tag, int Start, long Length) ReadOldLength(int tag, int kind, ReadOnlySpan<byte> packet) => (kind, packet.Length) switch
    {
        (0, >= 2) => (tag, 2, packet[1]),
        (1, >= 3) => (tag, 3, BinaryPrimitives.ReadUInt16BigEndian(packet[1..])),
        (2, >= 5) => (tag, 5, BinaryPrimitives.ReadUInt32BigEndian(packet[1..])),
        _ => throw Damaged(),
    };

    private static FormatException Damaged() => new("The OpenPGP file is damaged or cut short");
}
