using System.Buffers.Binary;
using Parceler.Formats.Compression;

namespace Parceler.Fuzz.Targets;

/// <summary>gzip, xz and zstd themselves. What xz protects by check sums is mended, so that changes get past them.</summary>
internal static class PackedTarget
{
    private const int Length = 16 << 20;
    private const int XzHeader = 12;

    public static FuzzTarget Create() => new("packed",
    [
        FuzzReader.OfData("gzip", file => Read(file, CompressionMethod.Gzip), () => [.. Sample.Ending(".gz"), Pack.Gzip([])]),
        FuzzReader.OfData("gzip-members", ReadMembers, () => [[.. Pack.Gzip([1]), .. Pack.Gzip([2])], .. Sample.Ending(".gz")]),
        FuzzReader.OfData("xz", file => Read(file, CompressionMethod.Xz), () => Sample.Ending(".xz")),
        FuzzReader.OfData("xz-mended", file => Read(MendXz(file), CompressionMethod.Xz), () => Sample.Ending(".xz")),
        FuzzReader.OfData("xz-inside", inside => Read(Xz(inside), CompressionMethod.Xz), () => Sample.Ending(".xz").Select(InsideOf)),
        FuzzReader.OfData("zstd", file => Read(file, CompressionMethod.Zstd), () => [.. Sample.Ending(".zst"), Pack.Zstd([])]),
    ],
    ["\u00fd7zXZ\0\0\u0004", "\u0002\0!\u0001\u0016\0\0\0", "\u0002\0!\u0001\u0025\0\0\0", "YZ", "\u0028\u00b5\u002f\u00fd", "\u001f\u008b\u0008\0", "\u00e0\u00ff\u00ff\u00ff\u00ff\u005d", "\u0001\u00ff\u00ff"]);

    private static void Read(byte[] file, CompressionMethod method)
    {
        var whole = Count(new MemoryStream(file), method, 1 << 16);
        FuzzFaultException.Unless(Count(new Dribble(file), method, 1000) == whole, "parts of a file do not matter");
    }

    private static (long, uint) Count(Stream file, CompressionMethod method, int part)
    {
        using var content = CompressedStream.OpenRead(file, method, new(Length));
        var buffer = new byte[part];
        var (length, sum) = (0L, 0u);
        for (var read = content.Read(buffer); read > 0; read = content.Read(buffer))
        {
            length += read;
            foreach (var value in buffer.AsSpan(0, read))
            {
                sum = (sum * 31) + value;
            }
        }

        return (length, sum);
    }

    private static void ReadMembers(byte[] file)
    {
        var members = new GzipMembers(new MemoryStream(file));
        while (members.Next(4 << 20) is { } member)
        {
            FuzzFaultException.Unless(member.Raw.Length <= file.Length, "a member is a part of its file");
        }
    }

    private static byte[] MendXz(byte[] file)
    {
        var mended = file.ToArray();
        if (mended.Length > XzHeader)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(mended.AsSpan(8), Crc.Sum32(mended.AsSpan(6, 2)));
            var block = (mended[XzHeader] + 1) * 4;
            if (mended[XzHeader] != 0 && mended.Length >= XzHeader + block)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(mended.AsSpan(XzHeader + block - 4), Crc.Sum32(mended.AsSpan(XzHeader, block - 4)));
            }
        }

        return mended;
    }

    // the first byte is the kind of the check sums, the second the size of the dictionary; then comes what follows the header of the first block
    private static byte[] Xz(byte[] inside) => inside is [var check, var dictionary, .. var rest]
        ? MendXz([0xFD, .. "7zXZ"u8, 0, 0, check, 0, 0, 0, 0, 2, 0, 0x21, 1, dictionary, 0, 0, 0, 0, 0, 0, 0, .. rest])
        : inside;

    private static byte[] InsideOf(byte[] file) => [file[7], file[XzHeader + 4], .. file.AsSpan(XzHeader + ((file[XzHeader] + 1) * 4))];
}
