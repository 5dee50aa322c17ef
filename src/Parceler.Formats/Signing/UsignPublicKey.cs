using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Parceler.Formats.Signing;

/// <summary>The public half of a key pair of usign (OpenWrt) or signify (OpenBSD): Ed25519 and a fingerprint.</summary>
public sealed class UsignPublicKey
{
    private const int FingerprintAt = 2;
    private const int PointAt = FingerprintAt + KeyFingerprint.Size;
    private readonly byte[] _content;

    private UsignPublicKey(byte[] content) => _content = content;

    internal UsignPublicKey(KeyFingerprint fingerprint, ReadOnlySpan<byte> point)
    {
        _content = [.. "Ed"u8, .. new byte[KeyFingerprint.Size], .. point];
        fingerprint.Write(_content.AsSpan(FingerprintAt));
    }

    public KeyFingerprint Fingerprint => KeyFingerprint.Read(_content.AsSpan(FingerprintAt));

    public static UsignPublicKey Parse(string text) =>
        new(UsignText.Read(text, PointAt + Ed25519.PublicKeySize, "usign public key"));

    /// <summary>The text of the key file.</summary>
    public string ToText() => UsignText.Write($"public key {Fingerprint}", _content);

    /// <summary>Whether this key signed exactly these bytes.</summary>
    public bool Verify(byte[] message, UsignSignature signature) =>
        signature.Signer == Fingerprint && Ed25519.Verify(signature.Bytes, 0, _content, PointAt, message, 0, message.Length);
}
