using System.Globalization;
using System.Text;
using Parceler.Formats.Archives;
using Parceler.Formats.Compression;

namespace Parceler.Formats.Opkg;

/// <summary>Writes .ipk files as OpenWrt does. The same content gives the same bytes: every time stamp in it is <paramref name="modified"/>.</summary>
public sealed class IpkWriter(DateTimeOffset modified)
{
    private const string InstalledSize = "Installed-Size";
    private readonly TarArchive _tar = new(modified);

    public byte[] Write(IpkContent package)
    {
        var tree = _tar.WriteTree(package.Files);
        var control = package.Control.With(new StanzaField(InstalledSize, $" {tree.Length.ToString(CultureInfo.InvariantCulture)}"));
        var about = _tar.WriteTree([new("control", Encoding.UTF8.GetBytes(control.ToString())), .. package.Scripts]);
        return GzipWriter.Compress(_tar.WriteFiles([
            new("debian-binary", "2.0\n"u8.ToArray()),
            new("data.tar.gz", GzipWriter.Compress(tree)),
            new("control.tar.gz", GzipWriter.Compress(about)),
        ]));
    }
}
