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
    private readonly string _text;

    private ClearsignedText(string text, ReadOnlyMemory<byte> signature)
    {
        _text = text;
        Signature = signature;
    }

    /// <summary>What is signed, with LF after each line. Believe it only after it was verified.</summary>
    public byte[] Text => Encoding.UTF8.GetBytes(_text);

    /// <summary>The signatures, armored.</summary>
    public ReadOnlyMemory<byte> Signature { get; }

    public static ClearsignedText Parse(ReadOnlySpan<byte> file)
    {
        // Latin-1 would keep bytes that are no UTF-8, but nothing signed has any: those change here, and the signature does not fit
        var lines = new LineReader(Encoding.UTF8.GetString(file).AsSpan().TrimEnd("\n\r"));
        Require(lines.Next() is Begin);
        for (var header = lines.Next(); !header.IsEmpty; header = lines.Next())
        {
            Require(header.StartsWith("Hash: ", StringComparison.Ordinal));
        }

        var text = new StringBuilder();
        var line = lines.Next();
        for (; line is not BeginSignature; line = lines.Next())
        {
            text.Append(Unescape(line)).Append('\n');
        }

        var signature = new StringBuilder();
        for (; line is not EndSignature; line = lines.Next())
        {
            signature.Append(line).Append('\n');
        }

        Require(lines.IsAtEnd);
        return new(text.ToString(), Encoding.ASCII.GetBytes(signature.Append(EndSignature).ToString()));
    }

    /// <summary>The file of a text and a signature over <see cref="SignedBytes"/> of it.</summary>
    internal static string Write(IEnumerable<string> lines, string hash, string signature) =>
        $"{Begin}\nHash: {hash}\n\n{string.Concat(lines.Select(line => $"{(line.StartsWith('-') ? "- " : "")}{line}\n"))}{signature}";

    /// <summary>As it is signed: CRLF between lines, none at the end, no blanks at the ends of lines.</summary>
    internal byte[] SignedBytes() => Encoding.UTF8.GetBytes(_text.Length == 0 ? "" : _text[..^1].Replace("\n", "\r\n", StringComparison.Ordinal));

    internal static byte[] SignedBytes(IEnumerable<string> lines) => Encoding.UTF8.GetBytes(string.Join("\r\n", lines));

    private static ReadOnlySpan<char> Unescape(ReadOnlySpan<char> line) => !line.StartsWith('-') ? line
        : line.StartsWith("- ", StringComparison.Ordinal) ? line[2..]
        : throw new FormatException("The signed text has a line that begins with '-' and is not escaped");

    private static void Require(bool isTrue)
    {
        if (!isTrue)
        {
            throw NoText();
        }
    }

    private static FormatException NoText() => new($"The file is no signed text: expected '{Begin}', the text, and one signature at its end");

    /// <summary>Gives lines without the blanks at their ends, one by one: a file may have as many as bytes.</summary>
    private ref struct LineReader(ReadOnlySpan<char> text)
    {
        private ReadOnlySpan<char> _rest = text;

        public bool IsAtEnd { get; private set; }

        public ReadOnlySpan<char> Next()
        {
            var end = IsAtEnd ? throw NoText() : _rest.IndexOf('\n');
            IsAtEnd = end < 0;
            var line = IsAtEnd ? _rest : _rest[..end];
            _rest = IsAtEnd ? default : _rest[(end + 1)..];
            return line.TrimEnd(" \t\r");
        }
    }
}
