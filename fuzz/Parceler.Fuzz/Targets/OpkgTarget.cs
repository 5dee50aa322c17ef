using System.Text;
using Parceler.Formats.Opkg;

namespace Parceler.Fuzz.Targets;

/// <summary>Packages and control files, sha256sums, .ipk.</summary>
internal static class OpkgTarget
{
    private static readonly IpkReader s_reader = new(new() { ControlTree = 8 << 20 });

    public static FuzzTarget Create() => new("opkg",
    [
        FuzzReader.OfData("stanzas", file => ReadStanzas(Encoding.UTF8.GetString(file)), () => [Sample.Opkg("Packages"), Sample.Opkg("Packages.manifest"), "A: b\n c\n\td\n"u8.ToArray()]),
        FuzzReader.OfData("packages-gz", file => _ = OpkgStanzas.ReadGzip(new MemoryStream(file), 8 << 20).Count(), () => [Sample.Opkg("Packages.gz")]),
        FuzzReader.OfData("sums", ReadSums, () => [Sample.Opkg("sha256sums")]),
        FuzzReader.OfData("ipk", ReadIpk, Ipks),
        FuzzReader.OfData("ipk-control", control => ReadIpk(Ipk(Pack.Tar(("control", control)))), () => ["Package: a\nVersion: 1\nDescription: a\n b\n"u8.ToArray()]),
        FuzzReader.OfData("ipk-tar", tar => ReadIpk(Ipk(Pack.MendTar(tar))), () => [Pack.Tar(("control", "Package: a\n"u8.ToArray()), ("postinst", "#!/bin/sh\n"u8.ToArray()))]),
        FuzzReader.OfData("ipk-outer-tar", tar => ReadIpk(Pack.Gzip(Pack.MendTar(tar))), () => [OuterTar(Pack.Tar(("control", "Package: a\n"u8.ToArray())))]),
    ],
    ["Package:", "Version: ", "Architecture: ", "Filename: ", "Size: ", "SHA256sum: ", "Description: ", "\n ", "\n\n", "\r\n", " *", "./control", "control.tar.gz", "debian-binary", "00000000777 ", "\0"]);

    private static void ReadStanzas(string text)
    {
        var stanzas = OpkgStanzas.Parse(text).ToList();
        var written = OpkgStanzas.Write(stanzas);
        FuzzFaultException.Unless(OpkgStanzas.Write(OpkgStanzas.Parse(written)) == written, "what is written is read as the same");
        foreach (var stanza in stanzas.Take(100))
        {
            _ = (stanza.Filename, stanza.Size, stanza.Sha256, stanza.With(new StanzaField("Size", " 1")).Without(field => field.Name == "A").ToString());
            _ = (stanza.Package, stanza.Version, stanza.Architecture);
        }
    }

    private static void ReadSums(byte[] file)
    {
        var lines = Sha256Sums.Read(new MemoryStream(file)).Select(line => (line.Path, Convert.ToHexString(line.Hash))).ToList();
        FuzzFaultException.Unless(Sha256Sums.Read(new Dribble(file)).Select(line => (line.Path, Convert.ToHexString(line.Hash))).SequenceEqual(lines), "parts of a file do not matter");
    }

    private static void ReadIpk(byte[] file)
    {
        var control = s_reader.ReadControl(new MemoryStream(file));
        FuzzFaultException.Unless(s_reader.ReadControl(new Dribble(file)).ToString() == control.ToString(), "parts of a file do not matter");
    }

    private static byte[] Ipk(byte[] controlTar) => Pack.Gzip(OuterTar(controlTar));

    private static byte[] OuterTar(byte[] controlTar) => Pack.Tar(("debian-binary", "2.0\n"u8.ToArray()), ("data.tar.gz", []), ("control.tar.gz", Pack.Gzip(controlTar)));

    private static byte[][] Ipks() => [Sample.Opkg("parceler-hello_1.0.0-r1_x86_64.ipk"), Sample.Opkg("parceler-clock_0.9~rc2-r1_all.ipk")];
}
