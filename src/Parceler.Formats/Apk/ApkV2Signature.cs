using System.Security.Cryptography;

namespace Parceler.Formats.Apk;

/// <summary>
/// A signature of apk 2 by an RSA key: over the packed bytes that follow it. <see cref="KeyName"/> is the name of the key's file in
/// /etc/apk/keys. Not proven by itself.
/// </summary>
/// <param name="Hash">SHA-1 (RSA.), as Alpine's still are, SHA-256 (RSA256.) or SHA-512 (RSA512.).</param>
public sealed record ApkV2Signature(string KeyName, HashAlgorithmName Hash, ReadOnlyMemory<byte> Bytes)
{
    internal const string Sha256Prefix = ".SIGN.RSA256.";
    private static readonly (string Prefix, HashAlgorithmName Hash)[] Kinds =
        [(".SIGN.RSA.", HashAlgorithmName.SHA1), (Sha256Prefix, HashAlgorithmName.SHA256), (".SIGN.RSA512.", HashAlgorithmName.SHA512)];

    /// <summary>Of a file in the archive, or null if it is no signature that is known.</summary>
    internal static ApkV2Signature? Of(string name, byte[] content) =>
        Array.Find(Kinds, kind => name.StartsWith(kind.Prefix, StringComparison.Ordinal)) is { Prefix: { } prefix } found
            ? new(name[prefix.Length..], found.Hash, content)
            : null;
}
