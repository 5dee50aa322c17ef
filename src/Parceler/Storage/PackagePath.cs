using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Parceler.Storage;

/// <summary>
/// Path of a file inside a repository: segments joined by '/', none of them empty, '.' or '..', no backslash and no
/// control character, at most 4,096 bytes. It can't lead out of a folder.
/// </summary>
internal readonly record struct PackagePath : IParsable<PackagePath>, IComparable<PackagePath>
{
    private const int MaxBytes = 4096;
    private readonly string? _text;

    private PackagePath(string text) => _text = text;

    /// <summary>The last segment.</summary>
    public ReadOnlySpan<char> FileName => Text.AsSpan(Text.LastIndexOf('/') + 1);

    private string Text => _text ?? "";

    public static PackagePath Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var path) ? path : throw new FormatException($"'{s}' is no path inside a repository");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out PackagePath result)
    {
        result = default;
        if (string.IsNullOrEmpty(s) || !IsValid(s))
        {
            return false;
        }

        result = new(s);
        return true;
    }

    /// <summary>Whether <paramref name="s"/> is such a path; allocates nothing.</summary>
    public static bool IsValid(ReadOnlySpan<char> s)
    {
        if (s.IsEmpty || s.Contains('\\') || Encoding.UTF8.GetByteCount(s) > MaxBytes)
        {
            return false;
        }

        foreach (var range in s.Split('/'))
        {
            if (s[range] is "" or "." or "..")
            {
                return false;
            }
        }

        foreach (var c in s)
        {
            if (char.IsControl(c) || c == '\uFFFD')
            {
                return false;
            }
        }

        return true;
    }

    public int CompareTo(PackagePath other) => string.CompareOrdinal(Text, other.Text);

    public override string ToString() => Text;
}
