using System.Text;

namespace Parceler.Formats.Signing;

/// <summary>
/// A text with OpenPGP signatures around it, such as InRelease. Nothing may stand before or after it, since that would not be signed: a file
/// that is no such text is a <see cref="FormatException"/>. Source: RFC 9580, section 7.
/// </summary>
public sealed class ClearsignedText
{
    private const string Begin = "-----BEGIN PGP SIGNED MESSAGE-----";
    private const string BeginSignature = "-----BEGIN PGP SIGNATURE-----";
    private const string EndSignature = "-----END PGP SIGNATURE-----";
    private readonly IReadOnlyList<string> _lines;

    private ClearsignedText(IReadOnlyList<string> lines, ReadOnlyMemory<byte> signature)
    {
        _lines = lines;
        Signature = signature;
    }

    /// <summary>What is signed, with LF after each line. Believe it only after it was verified.</summary>
    public byte[] Text => Encoding.UTF8.GetBytes(string.Concat(_lines.Select(line => $"{line}\n")));

    /// <summary>The signatures, armored.</summary>
    public ReadOnlyMemory<byte> Signature { get; }

    public static ClearsignedText Parse(ReadOnlySpan<byte> file)
    {
        // Latin-1 would keep bytes that are no UTF-8, but nothing signed has any: those change here, and the signature does not fit
        var lines = Encoding.UTF8.GetString(file).TrimEnd('\n', '\r').Split('\n').Select(line => line.TrimEnd(' ', '\t', '\r')).ToArray();
        var empty = Array.IndexOf(lines, "");
        var end = Array.IndexOf(lines, BeginSignature);
        if (lines[0] != Begin || empty < 0 || end < empty || lines[^1] != EndSignature || lines.Count(line => line == EndSignature) > 1
            || !lines[1..empty].All(header => header.StartsWith("Hash: ", StringComparison.Ordinal)))
        {
            throw new FormatException($"The file is no signed text: expected '{Begin}', the text, and one signature at its end");
        }

        return new([.. lines[(empty + 1)..end].Select(Unescape)], Encoding.ASCII.GetBytes(string.Join('\n', lines[end..])));
    }

    /// <summary>The file of a text and a signature over <see cref="SignedBytes"/> of it.</summary>
    internal static string Write(IEnumerable<string> lines, string hash, string signature) =>
        $"{Begin}\nHash: {hash}\n\n{string.Concat(lines.Select(line => $"{(line.StartsWith('-') ? "- " : "")}{line}\n"))}{signature}";

    /// <summary>As it is signed: CRLF between lines, none at the end, no blanks at the ends of lines.</summary>
    internal byte[] SignedBytes() => SignedBytes(_lines);

    internal static byte[] SignedBytes(IEnumerable<string> lines) => Encoding.UTF8.GetBytes(string.Join("\r\n", lines));

    private static string Unescape(string line) => !line.StartsWith('-') ? line
        : line.StartsWith("- ", StringComparison.Ordinal) ? line[2..]
        : throw new FormatException("The signed text has a line that begins with '-' and is not escaped");
}
