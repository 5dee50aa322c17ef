namespace Parceler.Formats.Compression;

/// <summary>Packs small content in one go, as gzip -9n does.</summary>
internal static class GzipWriter
{
    public static byte[] Compress(byte[] content)
    {
        using var output = new MemoryStream();
        using (var gzip = new GzipOutput(output))
        {
            gzip.Write(content);
        }

        return output.ToArray();
    }
}
