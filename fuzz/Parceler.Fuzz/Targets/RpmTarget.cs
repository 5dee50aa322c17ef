using Parceler.Formats.Rpm;
using Parceler.Formats.Signing;

namespace Parceler.Fuzz.Targets;

/// <summary>.rpm, its headers and the signature inside.</summary>
internal static class RpmTarget
{
    private const int Lead = 96;
    private static readonly byte[] s_noSignatures = [0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    private static readonly OpenPgpVerifier s_verifier = new(OpenPgpKeyring.Parse(Sample.Of("key.pgp")), OpenPgpPolicy.Default);

    public static FuzzTarget Create() => new("rpm",
    [
        FuzzReader.OfData("file", Read, () => Sample.Ending(".rpm")),
        FuzzReader.OfData("header", header => Read([.. Sample.Of("hello.rpm").AsSpan(0, Lead), .. s_noSignatures, .. header]), () => Sample.Ending(".rpm").Select(HeaderOf)),
        FuzzReader.OfData("signatures", signatures => Read([.. Sample.Of("hello.rpm").AsSpan(0, Lead), .. signatures]), () => Sample.Ending(".rpm").Select(file => file[Lead..])),
    ],
    ["\u008e\u00ad\u00e8\u0001\0\0\0\0", "\0\0\u0003\u00e8", "\0\0\u0004\u005d", "\0\0\0\u0006", "\0\0\0\u0008", "\0\0\0\u0004", "\u00ff\u00ff\u00ff\u00ff", "libc.so.6(GLIBC_2.34)", "rpmlib(", "1:2-3"]);

    private static void Read(byte[] file)
    {
        var rpm = new RpmReader(RpmLimits.Default).Read(new MemoryStream(file));
        _ = (rpm.Package.ToString(), rpm.Verify(s_verifier, Sample.Time));
        using var written = new MemoryStream();
        using (var writer = new PrimaryWriter(written, 1))
        {
            writer.Write(rpm.Package with { Location = "a.rpm" });
        }
    }

    // the header alone, without the packed content: what is said of that is not held against it
    private static byte[] HeaderOf(byte[] file)
    {
        var range = new RpmReader(RpmLimits.Default).Read(new MemoryStream(file)).Package.HeaderRange;
        var header = file[(int)range.Start..(int)range.End];
        var at = header.AsSpan().IndexOf((ReadOnlySpan<byte>)[0, 0, 0x13, 0xe5]); // 5093, the kind of the hash of the content
        header[at + 2] = 0x7f;
        return header;
    }
}
