using System.IO.Compression;
using ZstdSharp;

namespace Parceler.Formats.Compression;

/// <summary>
/// Reads and writes packed content as a stream. What is damaged, cut short, followed by something else, or larger than its limits ends in an
/// <see cref="InvalidDataException"/>; an <see cref="IOException"/> of the source comes through. All the content was good only once the
/// end was read: compare size and hash of what is read before you trust it.
/// </summary>
public static class CompressedStream
{
    private const int ZstdLevel = 19; // as dpkg-deb and createrepo_c; an index is written once and read often

    /// <summary>By the end of the name: .gz, .xz, .zst or any other.</summary>
    public static CompressionMethod MethodOf(string fileName) => Path.GetExtension(fileName) switch
    {
        ".gz" => CompressionMethod.Gzip,
        ".xz" => CompressionMethod.Xz,
        ".zst" => CompressionMethod.Zstd,
        _ => CompressionMethod.None,
    };

    /// <summary>Unpacks while it is read. Gzip files have one member, as gzip itself writes them; xz and zstd any number of streams.</summary>
    public static Stream OpenRead(Stream packed, CompressionMethod method, DecompressionLimits limits) => method switch
    {
        CompressionMethod.None => new LimitedStream(packed, limits.Length),
        CompressionMethod.Gzip => new GzipReader(packed, limits.Length),
        CompressionMethod.Xz => new LimitedStream(new XzReader(packed, limits.Window), limits.Length),
        CompressionMethod.Zstd => new LimitedStream(new ZstdReader(packed, limits.Window), limits.Length),
        _ => throw new ArgumentOutOfRangeException(nameof(method)),
    };

    /// <summary>Packs what is written to it; the same content gives the same bytes. Leaves the output open. xz cannot be written.</summary>
    public static Stream OpenWrite(Stream output, CompressionMethod method) => method switch
    {
        CompressionMethod.None => new BufferedStream(new UnclosedStream(output)),
        CompressionMethod.Gzip => new GzipOutput(output),
        CompressionMethod.Zstd => new CompressionStream(output, ZstdLevel, leaveOpen: true),
        _ => throw new ArgumentOutOfRangeException(nameof(method), "There is no writer for this compression"),
    };
}
