using Parceler.Formats.Apk;
using Parceler.Formats.Signing;
using Parceler.Tests.Formats.Apk;

namespace Parceler.Fuzz.Targets;

/// <summary>APKINDEX.tar.gz and .apk of apk 2.</summary>
internal static class ApkV2Target
{
    private static readonly ApkV2Limits s_limits = new() { Content = 4 << 20 };
    private static readonly ApkPublicKey s_key = ApkPublicKey.Parse(ApkSamples.RsaKey);

    public static FuzzTarget Create() => new("apk2",
    [
        FuzzReader.OfData("index", ReadIndex, () => [ApkSamples.IndexV2]),
        FuzzReader.OfData("index-text", text => ReadIndex(Pack.Gzip(Pack.Tar(("DESCRIPTION", [65]), ("APKINDEX", text)))), () => [Sample.Bytes(Text)]),
        FuzzReader.OfData("index-tar", tar => ReadIndex(Pack.Gzip(Pack.MendTar(tar))), () => [Pack.Tar(("DESCRIPTION", [65]), ("APKINDEX", Sample.Bytes(Text)))]),
        FuzzReader.OfData("index-signed", tar => ReadIndex([.. Pack.Gzip(Pack.MendTar(tar)), .. Pack.Gzip(Pack.Tar(("APKINDEX", Sample.Bytes(Text))))]), () => [Pack.Tar((".SIGN.RSA256.a.rsa.pub", new byte[256]))[..^1024]]),
        FuzzReader.OfData("package", ReadPackage, () => [ApkSamples.HelloV2]),
        FuzzReader.OfData("package-info", info => ReadPackage([.. Pack.Gzip(Pack.Tar((".PKGINFO", info))), .. Pack.Gzip([])]), () => [Sample.Bytes(Info)]),
        FuzzReader.OfData("package-tar", tar => ReadPackage([.. Pack.Gzip(Pack.MendTar(tar)), .. Pack.Gzip([])]), () => [Pack.Tar((".PKGINFO", Sample.Bytes(Info)))]),
    ],
    [".SIGN.RSA.", ".SIGN.RSA256.", ".SIGN.RSA512.", "APKINDEX", "DESCRIPTION", ".PKGINFO", "\nP:", "\nV:", "\nC:Q1", "\n\n", "pkgname = ", "pkgver = ", "datahash = ", "depend = ", "\0\0\0\0", "00000000777 "]);

    private const string Text = "C:Q1tGUHGdEDBqXzAFgASpoIcvyODSI=\nP:hello\nV:1.0-r0\nA:x86_64\nS:100\nI:200\nT:says hello\nD:so:libc.musl\n\nP:b\nV:2\n\n";
    private const string Info = "# made by hand\npkgname = hello\npkgver = 1.0-r0\narch = noarch\nsize = 10\ndepend = a\ndepend = b\n";

    private static void ReadIndex(byte[] file)
    {
        var count = Look(ApkV2Index.Read(new MemoryStream(file), s_limits));
        FuzzFaultException.Unless(ApkV2Index.Read(new Dribble(file), s_limits).Packages.Count == count, "parts of a file do not matter");
    }

    private static int Look(ApkV2Index index)
    {
        _ = index.Signatures.Any(signature => index.IsSignedBy(signature.KeyName, s_key, allowSha1: true));
        foreach (var package in index.Packages)
        {
            _ = (package.Name, package.Version, package.Architecture, package.Checksum, package.Size, package.FileName, package.ToString());
        }

        return index.Packages.Count;
    }

    private static void ReadPackage(byte[] file) => new ApkV2Reader(s_limits).Read(new MemoryStream(file)).ToString();
}
