using System.Security.Cryptography;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Bcpg.Sig;
using Org.BouncyCastle.Security;

namespace Parceler.Formats.Signing;

/// <summary>
/// An OpenPGP key that signs, without a password: as gpg --export-secret-keys writes it. The newest subkey that it has for signing signs, or
/// the key itself. A file that is none is a <see cref="FormatException"/>.
/// </summary>
public sealed class OpenPgpSecretKey
{
    private const int KeyBits = 3072;
    private readonly PgpSecretKeyRing _ring;
    private readonly PgpSecretKey _signer;
    private readonly PgpPrivateKey _private;

    private OpenPgpSecretKey(PgpSecretKeyRing ring)
    {
        _ring = ring;
        _signer = ring.GetSecretKeys().Where(key => !key.IsPrivateKeyEmpty && IsForSigning(key)).MaxBy(key => key.PublicKey.CreationTime)
            ?? throw new FormatException("The OpenPGP key has no secret part that signs");
        _private = _signer.ExtractPrivateKeyRaw([]);
    }

    /// <summary>40 lower-case hexadecimal digits.</summary>
    public string Fingerprint => Convert.ToHexStringLower(_ring.GetPublicKey().GetFingerprint());

    /// <summary>A new key of RSA with 3072 bits, which every apt and rpm in use knows, that never expires.</summary>
    public static OpenPgpSecretKey Generate(string userId, DateTimeOffset now)
    {
        using var rsa = RSA.Create(KeyBits);
        var pair = new PgpKeyPair(PublicKeyAlgorithmTag.RsaGeneral, DotNetUtilities.GetRsaKeyPair(rsa), now.UtcDateTime);
        var about = new PgpSignatureSubpacketGenerator();
        about.SetSignatureCreationTime(true, now.UtcDateTime);
        about.SetKeyFlags(true, KeyFlags.CertifyOther | KeyFlags.SignData);
        about.SetIssuerFingerprint(false, pair.PublicKey);
        var key = new PgpSecretKey(
            PgpSignature.PositiveCertification, pair, userId, SymmetricKeyAlgorithmTag.Null, HashAlgorithmTag.Sha512, Array.Empty<byte>(), false, about.Generate(), null, new SecureRandom());
        return new(new PgpSecretKeyRing(key.GetEncoded()));
    }

    public static OpenPgpSecretKey Parse(ReadOnlySpan<byte> file)
    {
        try
        {
            return new(new PgpSecretKeyRing(OpenPgpArmor.Read(file)));
        }
        catch (Exception error) when (error is not (OutOfMemoryException or FormatException))
        {
            throw new FormatException($"The OpenPGP key is damaged, or protected by a password: {error.Message}", error);
        }
    }

    /// <summary>The public half, armored: for signed-by of apt, gpgkey of dnf.</summary>
    public string ToPublicText()
    {
        using var content = new MemoryStream();
        foreach (var key in _ring.GetPublicKeys())
        {
            key.Encode(content);
        }

        return OpenPgpArmor.Write("PUBLIC KEY BLOCK", content.ToArray());
    }

    /// <summary>The text of the secret key, armored. Keep it as secret as the key.</summary>
    public string ToSecretText() => OpenPgpArmor.Write("PRIVATE KEY BLOCK", _ring.GetEncoded());

    /// <summary>A detached signature over a file, armored: Release.gpg, repomd.xml.asc.</summary>
    public string Sign(Stream message, DateTimeOffset now)
    {
        var generator = Begin(PgpSignature.BinaryDocument, now);
        var buffer = new byte[1 << 16];
        while (message.Read(buffer) is > 0 and var read)
        {
            generator.Update(buffer, 0, read);
        }

        return OpenPgpArmor.Write("SIGNATURE", generator.Generate().GetEncoded());
    }

    /// <summary>A text with the signature around it: InRelease. Blanks at the ends of lines are not signed, and left out.</summary>
    public string SignClear(string text, DateTimeOffset now)
    {
        var lines = text.TrimEnd('\n').Split('\n').Select(line => line.TrimEnd(' ', '\t', '\r')).ToArray();
        var generator = Begin(PgpSignature.CanonicalTextDocument, now);
        generator.Update(ClearsignedText.SignedBytes(lines));
        return ClearsignedText.Write(lines, "SHA512", OpenPgpArmor.Write("SIGNATURE", generator.Generate().GetEncoded()));
    }

    private static bool IsForSigning(PgpSecretKey key)
    {
        var flags = key.PublicKey.GetSignatures().Where(signature => signature.HasSubpackets).Select(signature => signature.GetHashedSubPackets()).Where(packets => packets.HasSubpacket(SignatureSubpacketTag.KeyFlags)).ToArray();
        return key.IsSigningKey && (flags.Length == 0 || flags.Any(packets => (packets.GetKeyFlags() & KeyFlags.SignData) != 0));
    }

    private PgpSignatureGenerator Begin(int type, DateTimeOffset now)
    {
        var about = new PgpSignatureSubpacketGenerator();
        about.SetSignatureCreationTime(false, now.UtcDateTime);
        about.SetIssuerFingerprint(false, _signer.PublicKey);
        var generator = new PgpSignatureGenerator(_signer.PublicKey.Algorithm, HashAlgorithmTag.Sha512);
        generator.InitSign(type, _private);
        generator.SetHashedSubpackets(about.Generate());
        return generator;
    }
}
