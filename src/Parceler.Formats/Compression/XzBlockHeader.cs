namespace Parceler.Formats.Compression;

/// <summary>What stands before a block of an xz file; the two sizes are null where the writer did not know them.</summary>
internal sealed record XzBlockHeader(int Length, byte Dictionary, long? Packed, long? Unpacked)
{
    private const int LzmaTwo = 0x21;
    private const byte LargestDictionary = 37; // 1.5 GiB, the last that fits 31 bits

    /// <summary>The memory for unpacking, in bytes.</summary>
    public int Window => (2 | (Dictionary & 1)) << ((Dictionary / 2) + 11);

    /// <summary>Reads one, of a file that holds plain LZMA2, as all indexes and packages do.</summary>
    public static XzBlockHeader Read(XzSource source)
    {
        var size = (source.Peek() + 1) * 4;
        var header = source.Take(size - sizeof(uint));
        source.TakeSum32(header);
        return Parse(header, size);
    }

    private static XzBlockHeader Parse(byte[] header, int length)
    {
        var at = 2;
        byte Next() => at < header.Length ? header[at++] : throw XzSource.Damaged();

        var flags = header[1];
        long? packed = (flags & 0x40) != 0 ? XzNumber.Read(Next) : null;
        long? unpacked = (flags & 0x80) != 0 ? XzNumber.Read(Next) : null;
        var isPlain = (flags & 0x3f) == 0 && XzNumber.Read(Next) == LzmaTwo && XzNumber.Read(Next) == 1;
        var dictionary = isPlain ? Next() : throw new InvalidDataException("The xz file uses filters that packages and indexes do not");
        return dictionary <= LargestDictionary && !header.AsSpan(at).ContainsAnyExcept((byte)0)
            ? new(length, dictionary, packed, unpacked)
            : throw XzSource.Damaged();
    }
}
