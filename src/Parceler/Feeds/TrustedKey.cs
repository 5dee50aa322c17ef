using System.Text;
using Parceler.Formats.Signing;
using Parceler.Repositories;

namespace Parceler.Feeds;

/// <summary>Of which program a key is.</summary>
internal enum TrustedKeyKind
{
    /// <summary>usign and signify, for opkg.</summary>
    Usign,

    /// <summary>ECDSA or RSA in PEM, for apk.</summary>
    Apk,

    /// <summary>For apt and rpm.</summary>
    OpenPgp,
}

/// <summary>A file of public keys that feeds may be signed with.</summary>
/// <param name="Label">For people: the name of its file.</param>
/// <param name="Fingerprints">One of each key in it: 16 hexadecimal digits of usign, 32 of apk, 40 of OpenPGP.</param>
internal abstract record TrustedKey(TrustedKeyKind Kind, string Label, IReadOnlyList<string> Fingerprints)
{
    private const int LongestFile = 16 << 20;

    /// <summary>Tells the file from others.</summary>
    public string Fingerprint => Fingerprints[0];

    /// <summary>Tells the kind of a key by its content.</summary>
    /// <exception cref="FormatException">It is no public key of a kind that is known.</exception>
    public static TrustedKey Parse(string label, ReadOnlySpan<byte> content)
    {
        if (content.IsEmpty || content.Length > LongestFile)
        {
            throw new FormatException("This is no file of public keys: it is empty or too large");
        }

        var isBinary = (content[0] & 0x80) != 0;
        var text = isBinary ? "" : Encoding.UTF8.GetString(content);
        return isBinary || text.Contains("-----BEGIN PGP PUBLIC KEY", StringComparison.Ordinal) ? new OpenPgp(label, OpenPgpKeyring.Parse(content))
            : IsSecret(text) ? throw new FormatException("This is a secret key. It stays where feeds are signed; trust its public half")
            : text.StartsWith("untrusted comment:", StringComparison.Ordinal) ? new Usign(label, UsignPublicKey.Parse(text))
            : text.Contains("-----BEGIN PUBLIC KEY-----", StringComparison.Ordinal) ? new Apk(label, ApkPublicKey.Parse(text))
            : throw new FormatException("This is no public key of usign or signify (opkg), in PEM (apk) or of OpenPGP (apt, rpm)");
    }

    public static TrustedKey Parse(TrustedKeyFile file) => Parse(file.Name, file.Content);

    // a secret key of usign begins like a public one, and is longer
    private static bool IsSecret(string text) =>
        text.Contains("PRIVATE KEY", StringComparison.Ordinal)
        || (text.StartsWith("untrusted comment:", StringComparison.Ordinal) && text.Split('\n') is [_, ['R', 'W', 'R', 'C', ..] line, ..] && line.Length > 100);

    internal sealed record Usign(string Label, UsignPublicKey Key) : TrustedKey(TrustedKeyKind.Usign, Label, [Key.Fingerprint.ToString()]);

    internal sealed record Apk(string Label, ApkPublicKey Key) : TrustedKey(TrustedKeyKind.Apk, Label, [Key.KeyId]);

    internal sealed record OpenPgp(string Label, OpenPgpKeyring Keyring) : TrustedKey(TrustedKeyKind.OpenPgp, Label, [.. Keyring.Fingerprints])
    {
        public OpenPgpVerifier Verifier { get; } = new(Keyring, OpenPgpPolicy.Default);
    }
}
