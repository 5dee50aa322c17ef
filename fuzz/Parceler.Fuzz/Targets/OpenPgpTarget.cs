using System.Buffers.Binary;
using Parceler.Formats.Signing;

namespace Parceler.Fuzz.Targets;

/// <summary>Keyrings, detached signatures and signed texts of OpenPGP.</summary>
internal static class OpenPgpTarget
{
    private static readonly byte[] s_message = Sample.Of("Release");
    private static readonly byte[] s_key = Sample.Of("key.pgp");
    private static readonly byte[] s_signature = Sample.Of("Release.sig");
    private static readonly OpenPgpVerifier s_verifier = new(OpenPgpKeyring.Parse(s_key), OpenPgpPolicy.Default);

    public static FuzzTarget Create() => new("openpgp",
    [
        FuzzReader.OfAll("signature", file => Verify(s_verifier, file), () => [.. Sample.Ending(".sig"), Sample.Of("Release.gpg")]),
        FuzzReader.OfKeys("signed-text", file => s_verifier.Verify(ClearsignedText.Parse(file), Sample.Time), () => [Sample.Of("InRelease")]),
        FuzzReader.OfKeys("keys", file => Verify(new(OpenPgpKeyring.Parse(file), OpenPgpPolicy.Default), s_signature), () => [.. Sample.Ending(".pgp"), Sample.Of("key.asc")]),
        FuzzReader.OfKeys("keys-and-signature", VerifyBoth, () => [Both(s_key, s_signature), .. Sample.Ending(".pgp").Zip(Sample.Ending(".sig"), Both)]),
    ],
    ["-----BEGIN PGP SIGNED MESSAGE-----\n", "-----BEGIN PGP SIGNATURE-----\n", "-----END PGP SIGNATURE-----\n", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n", "Hash: SHA512\n", "\u00c2", "\u0099\u0001\u000d\u0004", "\u0004\u0013\u0001\u000a", "\u0005\u0002", "\u0002\u001b\u0003", "\u00ff\u00ff\u00ff\u00ff"]);

    private static void Verify(OpenPgpVerifier verifier, ReadOnlySpan<byte> signature)
    {
        var verdict = verifier.Verify(new MemoryStream(s_message), signature, Sample.Time);
        _ = verdict.ToString();
        FuzzFaultException.Unless(!ReferenceEquals(verifier, s_verifier) || verdict is not OpenPgpVerdict.Refused { Reasons.Count: 0 }, "a refusal has a reason");
    }

    private static void VerifyBoth(byte[] both)
    {
        var length = both.Length < 2 ? 0 : Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(both), both.Length - 2);
        var rest = both.AsSpan(Math.Min(2, both.Length));
        Verify(new(OpenPgpKeyring.Parse(rest[..length]), OpenPgpPolicy.Default with { AllowsSha1InKeys = true }), rest[length..]);
    }

    private static byte[] Both(byte[] keys, byte[] signature) => [(byte)keys.Length, (byte)(keys.Length >> 8), .. keys, .. signature];
}
