using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Parceler.Formats.Opkg;

/// <summary>Writes .ipk files as OpenWrt does. The same content gives the same bytes: every time stamp in it is <paramref name="modified"/>.</summary>
public sealed class IpkWriter(DateTimeOffset modified)
{
    private const string InstalledSize = "Installed-Size";
    private readonly TarArchive _tar = new(modified);

    public void Write(IpkContent package, Stream output)
    {
        var tree = _tar.WriteTree(package.Files);
        var control = package.Control.With(new StanzaField(InstalledSize, $" {tree.Length.ToString(CultureInfo.InvariantCulture)}"));
        var about = _tar.WriteTree([new("control", Encoding.UTF8.GetBytes(control.ToString())), .. package.Scripts]);
        Compress(_tar.WriteFiles([new("debian-binary", "2.0\n"u8.ToArray()), new("data.tar.gz", Compress(tree)), new("control.tar.gz", Compress(about))]), output);
    }

    private static byte[] Compress(byte[] content)
    {
        using var output = new MemoryStream();
        Compress(content, output);
        return output.ToArray();
    }

    // GZipStream puts neither a name nor a time into its header
    private static void Compress(byte[] content, Stream output)
    {
        using var gzip = new GZipStream(output, CompressionLevel.SmallestSize, leaveOpen: true);
        gzip.Write(content);
    }
}
