using Parceler.Formats.Apt;

namespace Parceler.Fuzz.Targets;

/// <summary>.deb.</summary>
internal static class DebTarget
{
    private static readonly DebReader s_reader = new(new() { ControlTree = 8 << 20 });
    private static readonly byte[] s_control = "Package: a\nVersion: 1\nArchitecture: all\nDescription: a\n b\n"u8.ToArray();

    public static FuzzTarget Create() => new("deb",
    [
        FuzzReader.OfData("file", Read, () => Sample.Ending(".deb")),
        FuzzReader.OfData("control", control => Read(Deb("control.tar.gz", Pack.Gzip(Pack.Tar(("control", control))))), () => [s_control]),
        FuzzReader.OfData("tar", tar => Read(Deb("control.tar", Pack.MendTar(tar))), Tars),
        FuzzReader.OfData("tar-zst", tar => Read(Deb("control.tar.zst", Pack.Zstd(Pack.MendTar(tar)))), Tars),
        FuzzReader.OfData("tar-xz", packed => Read(Deb("control.tar.xz", packed)), () => [Sample.Of("control.tar.xz")]),
    ],
    ["!<arch>\n", "debian-binary   ", "control.tar.xz  ", "control.tar.zst ", "data.tar.gz     ", "_gpgbuilder     ", "`\n", "9999999999`\n", "./control", "control", "Package: ", "\n ", "\n\n", "00000000777 "]);

    private static void Read(byte[] file)
    {
        var listed = s_reader.List(new MemoryStream(file), "pool/a.deb");
        FuzzFaultException.Unless(listed.Size == file.Length, "the size is that of the file");
        FuzzFaultException.Unless(s_reader.List(new Dribble(file), "pool/a.deb").ToString() == listed.ToString(), "parts of a file do not matter");
    }

    private static byte[] Deb(string name, byte[] controlTar) => Pack.Ar(("debian-binary", "2.0\n"u8.ToArray()), (name, controlTar), ("data.tar", []));

    private static byte[][] Tars() => [Pack.Tar(("./control", s_control), ("./md5sums", []))];
}
