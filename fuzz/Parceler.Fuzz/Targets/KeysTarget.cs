using System.Text;
using Parceler.Feeds;
using Parceler.Formats.Apk;
using Parceler.Formats.Signing;
using Parceler.Tests.Formats.Apk;

namespace Parceler.Fuzz.Targets;

/// <summary>Keys and signatures of usign and apk.</summary>
internal static class KeysTarget
{
    private static readonly UsignPublicKey s_usign = UsignPublicKey.Parse(Encoding.UTF8.GetString(Sample.Opkg("feed-key.pub")));
    private static readonly AdbFile s_index = AdbFile.Read(new MemoryStream(ApkSamples.Index), AdbLimits.Default);
    private static readonly ApkV2Index s_index2 = ApkV2Index.Read(new MemoryStream(ApkSamples.IndexV2), ApkV2Limits.Default);

    public static FuzzTarget Create() => new("keys",
    [
        FuzzReader.OfKeys("usign-signature", file => Verify(Encoding.UTF8.GetString(file)), () => [Sample.Opkg("Packages.sig")]),
        FuzzReader.OfKeys("usign-signature-bytes", bytes => Verify(Usign(bytes)), () => [Inside("Packages.sig")]),
        FuzzReader.OfKeys("usign-key", file => Verify(UsignPublicKey.Parse(Encoding.UTF8.GetString(file))), () => [Sample.Opkg("feed-key.pub")]),
        FuzzReader.OfKeys("usign-key-bytes", bytes => Verify(UsignPublicKey.Parse(Usign(bytes))), () => [Inside("feed-key.pub")]),
        FuzzReader.OfKeys("usign-secret-bytes", bytes => UsignSecretKey.Parse(Usign(bytes)).Sign([1]), () => [Inside("feed-key.sec")]),
        FuzzReader.OfKeys("apk-key", file => Verify(ApkPublicKey.Parse(Encoding.UTF8.GetString(file))), () => [Sample.Bytes(ApkSamples.EcdsaKey), Sample.Bytes(ApkSamples.RsaKey)]),
        FuzzReader.OfKeys("apk-key-bytes", bytes => Verify(ApkPublicKey.Parse(Pem(bytes))), () => [Der(ApkSamples.EcdsaKey), Der(ApkSamples.RsaKey)]),
        FuzzReader.OfKeys("trusted-key", file => _ = TrustedKey.Parse("a", file).Fingerprint, () => [Sample.Opkg("feed-key.pub"), Sample.Opkg("feed-key.sec"), Sample.Bytes(ApkSamples.RsaKey), Sample.Of("key.pgp"), Sample.Of("key.asc")]),
    ],
    ["untrusted comment: ", "RWQ", "RWRCSw", "-----BEGIN PUBLIC KEY-----\n", "-----END PUBLIC KEY-----\n", "Ed", "\u0030\u0082", "\u0002\u0001\u0003", "\u0006\u0008\u002a\u0086\u0048\u00ce\u003d\u0003\u0001\u0007"]);

    private static void Verify(string signature) => s_usign.Verify("a"u8.ToArray(), UsignSignature.Parse(signature));

    private static void Verify(UsignPublicKey key) => _ = (key.ToText(), key.Verify("a"u8.ToArray(), UsignSignature.Parse(Encoding.UTF8.GetString(Sample.Opkg("Packages.sig")))));

    private static void Verify(ApkPublicKey key)
    {
        FuzzFaultException.Unless(ApkPublicKey.Parse(key.ToText()).KeyId == key.KeyId, "what is written is read as the same");
        _ = key.Verify(AdbFile.Read(new MemoryStream(Signed(key)), AdbLimits.Default));
        _ = s_index2.IsSignedBy(s_index2.Signatures[0].KeyName, key, allowSha1: true);
    }

    // a signature that names the key, so that it is held against it
    private static byte[] Signed(ApkPublicKey key)
    {
        byte[] signature = [.. s_index.Signatures[0].ToBytes()[..2], .. Convert.FromHexString(key.KeyId), .. s_index.Signatures[0].Bytes];
        return s_index.With(AdbSignature.Parse(signature)).ToBytes();
    }

    private static string Usign(byte[] bytes) => $"untrusted comment: a\n{Convert.ToBase64String(bytes)}\n";

    private static byte[] Inside(string name) => Convert.FromBase64String(Encoding.UTF8.GetString(Sample.Opkg(name)).Split('\n')[1]);

    private static string Pem(byte[] der) => $"-----BEGIN PUBLIC KEY-----\n{Convert.ToBase64String(der)}\n-----END PUBLIC KEY-----\n";

    private static byte[] Der(string pem) => Convert.FromBase64String(string.Concat(pem.Split('\n').Where(line => line.Length > 0 && line[0] != '-')));
}
