using System.Buffers.Binary;
using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Parceler.Formats.Signing;

/// <summary>The secret half of a usign key pair, without a password: usign itself knows no other.</summary>
public sealed class UsignSecretKey
{
    // "Ed", "BK", rounds of the password's hash, salt, checksum, fingerprint, seed, public point
    private const int RoundsAt = 4;
    private const int SaltAt = 8;
    private const int ChecksumAt = 24;
    private const int FingerprintAt = 32;
    private const int SeedAt = 40;
    private const int PointAt = 72;
    private const int Size = 104;
    private readonly byte[] _content;

    private UsignSecretKey(byte[] content) => _content = content;

    public UsignPublicKey PublicKey => new(KeyFingerprint.Read(_content.AsSpan(FingerprintAt)), _content.AsSpan(PointAt));

    public static UsignSecretKey Generate()
    {
        var content = new byte[Size];
        "EdBK"u8.CopyTo(content);
        RandomNumberGenerator.Fill(content.AsSpan(SaltAt, ChecksumAt - SaltAt));
        KeyFingerprint.Random().Write(content.AsSpan(FingerprintAt));
        RandomNumberGenerator.Fill(content.AsSpan(SeedAt, Ed25519.SecretKeySize));
        PointOf(content).CopyTo(content.AsSpan(PointAt));
        Checksum(content).CopyTo(content.AsSpan(ChecksumAt));
        return new(content);
    }

    public static UsignSecretKey Parse(string text)
    {
        const string subject = "usign secret key";
        var content = UsignText.Read(text, Size, subject);
        if (BinaryPrimitives.ReadUInt32BigEndian(content.AsSpan(RoundsAt)) != 0)
        {
            throw new FormatException("The secret key is protected by a password: usign cannot use it; make one without (signify-openbsd -G -n)");
        }

        // a wrong public point is more than damage: signing with one can give the seed away
        return content.AsSpan(2, 2).SequenceEqual("BK"u8)
            && Checksum(content).SequenceEqual(content.AsSpan(ChecksumAt, FingerprintAt - ChecksumAt))
            && PointOf(content).AsSpan().SequenceEqual(content.AsSpan(PointAt))
            ? new(content)
            : throw new FormatException($"This {subject} is damaged: its checksum or its public half does not fit");
    }

    /// <summary>The text of the key file. Keep it as secret as the key.</summary>
    public string ToText() => UsignText.Write($"private key {PublicKey.Fingerprint}", _content);

    /// <summary>Signs; the same bytes give the same signature.</summary>
    public UsignSignature Sign(byte[] message)
    {
        var bytes = new byte[UsignSignature.Length];
        Ed25519.Sign(_content, SeedAt, message, 0, message.Length, bytes, 0);
        return new(PublicKey.Fingerprint, bytes);
    }

    private static byte[] PointOf(byte[] content)
    {
        var point = new byte[Ed25519.PublicKeySize];
        Ed25519.GeneratePublicKey(content, SeedAt, point, 0);
        return point;
    }

    private static ReadOnlySpan<byte> Checksum(byte[] content) => SHA512.HashData(content.AsSpan(SeedAt)).AsSpan(0, FingerprintAt - ChecksumAt);
}
