using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Parceler.Formats.Apk;

namespace Parceler.Formats.Signing;

/// <summary>
/// A public key of apk, as it stands in /etc/apk/keys: PEM of ECDSA or RSA (apk knows no Ed25519). What is none is a
/// <see cref="FormatException"/>.
/// </summary>
public sealed class ApkPublicKey
{
    private const string EllipticCurve = "1.2.840.10045.2.1";
    private const int Longest = 1 << 16; // characters: with many beginnings of keys, finding the first whole one takes the square of their number
    private const string Rsa = "1.2.840.113549.1.1.1";
    private readonly PublicKey _key;

    private ApkPublicKey(PublicKey key)
    {
        _key = key;
        Id = SHA512.HashData(key.EncodedKeyValue.RawData)[..AdbSignature.KeyIdLength];
    }

    /// <summary>The number by which signatures name the key, 32 lower-case hexadecimal digits.</summary>
    public string KeyId => Convert.ToHexStringLower(Id);

    /// <summary>The first half of the SHA-512 of the point (ECDSA), or of the PKCS #1 form (RSA).</summary>
    internal byte[] Id { get; }

    public static ApkPublicKey Parse(string pem)
    {
        try
        {
            var key = Of(PublicKey.CreateFromSubjectPublicKeyInfo(Convert.FromBase64String(PemBody(pem)), out _));
            key.Open().Dispose(); // its numbers are looked at only here
            return key;
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException or PlatformNotSupportedException) // the last for a curve that is not known
        {
            throw new FormatException($"This is no public key of apk: {error.Message}", error);
        }
    }

    internal static ApkPublicKey Of(PublicKey key) => key.Oid.Value is EllipticCurve or Rsa ? new(key) : throw new FormatException("A key of apk is of ECDSA or RSA");

    /// <summary>The text of the key file.</summary>
    public string ToText() => $"{PemEncoding.WriteString("PUBLIC KEY", _key.ExportSubjectPublicKeyInfo())}\n";

    /// <summary>Whether this key signed what the file describes.</summary>
    public bool Verify(AdbFile file) => file.Signatures.Any(signature =>
        signature.KeyId == KeyId && signature.IsKnown && Verify(signature.SignedBytes(file), signature.Bytes, HashAlgorithmName.SHA512));

    internal bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, HashAlgorithmName hash)
    {
        using var key = Open();
        return key is RSA rsa
            ? rsa.VerifyData(message, signature, hash, RSASignaturePadding.Pkcs1)
            : ((ECDsa)key).VerifyData(message, signature, hash, DSASignatureFormat.Rfc3279DerSequence);
    }

    private AsymmetricAlgorithm Open() => (AsymmetricAlgorithm?)(_key.Oid.Value == Rsa ? _key.GetRSAPublicKey() : _key.GetECDsaPublicKey())
        ?? throw new CryptographicException("its kind does not fit its numbers");

    private static string PemBody(string pem) => pem.Length <= Longest && PemEncoding.TryFind(pem, out var found) && pem[found.Label] == "PUBLIC KEY"
        ? pem[found.Base64Data]
        : throw new FormatException("This is no public key of apk: expected '-----BEGIN PUBLIC KEY-----'");
}
