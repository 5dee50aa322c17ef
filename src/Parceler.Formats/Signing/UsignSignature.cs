namespace Parceler.Formats.Signing;

/// <summary>A signature as usign and signify write it, such as the Packages.sig of a feed.</summary>
public sealed class UsignSignature
{
    private const int FingerprintAt = 2;
    private const int BytesAt = FingerprintAt + KeyFingerprint.Size;
    internal const int Length = 64;
    private readonly byte[] _content;

    private UsignSignature(byte[] content) => _content = content;

    internal UsignSignature(KeyFingerprint signer, ReadOnlySpan<byte> bytes)
    {
        _content = [.. "Ed"u8, .. new byte[KeyFingerprint.Size], .. bytes];
        signer.Write(_content.AsSpan(FingerprintAt));
    }

    /// <summary>The key that is said to have signed; proven only by <see cref="UsignPublicKey.Verify"/>.</summary>
    public KeyFingerprint Signer => KeyFingerprint.Read(_content.AsSpan(FingerprintAt));

    internal byte[] Bytes => _content[BytesAt..];

    public static UsignSignature Parse(string text) =>
        new(UsignText.Read(text, BytesAt + Length, "usign signature"));

    /// <summary>The text of the signature file.</summary>
    public string ToText() => UsignText.Write($"signed by key {Signer}", _content);
}
