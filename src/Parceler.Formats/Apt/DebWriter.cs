using System.Globalization;
using System.Text;
using Parceler.Formats.Archives;
using Parceler.Formats.Compression;

namespace Parceler.Formats.Apt;

/// <summary>Writes .deb files, packed with gzip. The same content gives the same bytes: every time stamp in it is <paramref name="modified"/>.</summary>
public sealed class DebWriter(DateTimeOffset modified)
{
    private readonly TarArchive _tar = new(modified);

    /// <summary>Of the control, what it installs, and what stands beside the control (postinst, conffiles ...).</summary>
    public byte[] Write(DebStanza control, IReadOnlyList<PackagedFile> files, IReadOnlyList<PackagedFile> scripts)
    {
        using var output = new MemoryStream();
        output.Write("!<arch>\n"u8);
        Add(output, "debian-binary", "2.0\n"u8);
        Add(output, "control.tar.gz", GzipWriter.Compress(_tar.WriteTree([new("control", control.Text.ToArray()), .. scripts])));
        Add(output, "data.tar.gz", GzipWriter.Compress(_tar.WriteTree(files)));
        return output.ToArray();
    }

    private void Add(MemoryStream output, string name, ReadOnlySpan<byte> content)
    {
        var header = string.Create(CultureInfo.InvariantCulture, $"{name,-16}{modified.ToUnixTimeSeconds(),-12}{0,-6}{0,-6}{"100644",-8}{content.Length,-10}`\n");
        output.Write(Encoding.ASCII.GetBytes(header));
        output.Write(content);
        if (content.Length % 2 == 1)
        {
            output.WriteByte((byte)'\n');
        }
    }
}
