using System.Globalization;
using System.IO.Compression;
using System.Text;
using Parceler.Formats.Archives;

namespace Parceler.Fuzz;

/// <summary>Packs what a fuzzer changed, with the sums that belong to it: so that changes reach what reads the inside.</summary>
internal static class Pack
{
    private const int TarBlock = 512;
    private const int TarSizeAt = 124;
    private const int TarSumAt = 148;
    private static readonly TarArchive s_tar = new(DateTimeOffset.UnixEpoch);

    public static byte[] Gzip(ReadOnlySpan<byte> content) => Through(content, output => new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true));

    public static byte[] Deflate(ReadOnlySpan<byte> content) => Through(content, output => new DeflateStream(output, CompressionLevel.Fastest, leaveOpen: true));

    public static byte[] Zstd(ReadOnlySpan<byte> content) => Through(content, output => new ZstdSharp.CompressionStream(output, 1, leaveOpen: true));

    /// <summary>A tar of one file, with blocks at its end.</summary>
    public static byte[] Tar(params ReadOnlySpan<(string Name, byte[] Content)> files) => s_tar.WritePlain([.. files.ToArray().Select(file => new PackagedFile(file.Name, file.Content))]);

    /// <summary>The same tar with the check sum of each header as it has to be.</summary>
    public static byte[] MendTar(byte[] tar)
    {
        var mended = tar.ToArray();
        for (var at = 0L; at + TarBlock <= mended.Length;)
        {
            var header = mended.AsSpan((int)at, TarBlock);
            if (!header.ContainsAnyExcept((byte)0))
            {
                break;
            }

            header.Slice(TarSumAt, 8).Fill((byte)' ');
            var sum = 0;
            foreach (var value in header)
            {
                sum += value;
            }

            Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header[TarSumAt..]);
            at += TarBlock + ((Octal(header.Slice(TarSizeAt, 12)) + TarBlock - 1) / TarBlock * TarBlock);
        }

        return mended;
    }

    /// <summary>An ar archive of members.</summary>
    public static byte[] Ar(params ReadOnlySpan<(string Name, byte[] Content)> members)
    {
        using var output = new MemoryStream();
        output.Write("!<arch>\n"u8);
        foreach (var (name, content) in members)
        {
            output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{name,-16}{0,-12}{0,-6}{0,-6}{"100644",-8}{content.Length,-10}`\n")));
            output.Write(content);
            output.Write("\n"u8[..(content.Length % 2)]);
        }

        return output.ToArray();
    }

    private static long Octal(ReadOnlySpan<byte> field)
    {
        var value = 0L;
        foreach (var digit in field)
        {
            value = digit is >= (byte)'0' and <= (byte)'7' ? (value * 8) + digit - '0' : value;
        }

        return value;
    }

    private static byte[] Through(ReadOnlySpan<byte> content, Func<Stream, Stream> open)
    {
        using var output = new MemoryStream();
        using (var packed = open(output))
        {
            packed.Write(content);
        }

        return output.ToArray();
    }
}
