using System.Text;
using Parceler.Formats.Archives;
using Parceler.Formats.Compression;

namespace Parceler.Formats.Opkg;

/// <summary>Reads what an .ipk says of itself. Trusts nothing in it: a broken or hostile file is an <see cref="InvalidDataException"/>.</summary>
public sealed class IpkReader(IpkLimits limits)
{
    /// <summary>The control stanza. Reads the package to its end, so one that was cut short is refused too.</summary>
    public OpkgStanza ReadControl(Stream ipk)
    {
        var archive = ReadMember(ipk, limits.Archive, "control.tar.gz", limits.ControlArchive);
        var control = ReadMember(new MemoryStream(archive), limits.ControlTree, "control", limits.Control);
        return OpkgStanzas.Parse(Encoding.UTF8.GetString(control)).ToArray() is [var stanza]
            ? stanza
            : throw new InvalidDataException("The control file of the package is not one stanza");
    }

    private static byte[] ReadMember(Stream compressed, long unpackedLimit, string name, int limit)
    {
        using var unpacked = new GzipReader(compressed, unpackedLimit);
        return TarMember.Read(unpacked, name, limit) ?? throw new InvalidDataException($"The package has no {name}");
    }
}
