using System.IO.Compression;

namespace Parceler.Formats.Compression;

/// <summary>Packs as gzip -9n does: the header has neither a name nor a time, so the same content gives the same bytes.</summary>
internal static class GzipWriter
{
    // GZipStream writes nothing at all for nothing, and that is no gzip file
    private static readonly byte[] Empty = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    public static byte[] Compress(byte[] content)
    {
        if (content.Length == 0)
        {
            return [.. Empty];
        }

        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.SmallestSize))
        {
            gzip.Write(content);
        }

        return output.ToArray();
    }
}
