using System.Text;

namespace Parceler.Formats.Signing;

/// <summary>The form that keys and signatures share: a comment line, which nothing protects, and a line of base64.</summary>
internal static class UsignText
{
    private const string CommentMark = "untrusted comment:";
    private const int LongestComment = 511; // usign reads lines into 512 bytes
    private const int LongestText = 4096;

    public static string Write(string comment, ReadOnlySpan<byte> content)
    {
        var line = $"{CommentMark} {comment}";
        if (comment.AsSpan().ContainsAny('\r', '\n', '\0') || Encoding.UTF8.GetByteCount(line) > LongestComment)
        {
            throw new ArgumentException("The comment of a key or signature is one line, with its mark less than 512 bytes", nameof(comment));
        }

        return $"{line}\n{Convert.ToBase64String(content)}\n";
    }

    /// <summary>The bytes under the base64; <paramref name="subject"/> says in the message what was expected.</summary>
    public static byte[] Read(string text, int size, string subject)
    {
        var content = new byte[size];
        return Base64Line(text) is { } line && Convert.TryFromBase64String(line, content, out var written) && written == size && IsEd25519(content)
            ? content
            : throw new FormatException($"This is no {subject}: expected a line '{CommentMark} ...' and {size} bytes for Ed25519 in base64");
    }

    private static string? Base64Line(string text)
    {
        if (text.Length > LongestText || !text.StartsWith(CommentMark, StringComparison.Ordinal))
        {
            return null;
        }

        var lines = text.TrimEnd().Split('\n');
        return lines.Length == 2 ? lines[1].TrimEnd('\r') : null;
    }

    private static bool IsEd25519(ReadOnlySpan<byte> content) => content.StartsWith("Ed"u8);
}
