using System.Diagnostics.CodeAnalysis;

namespace Parceler.Repositories;

/// <summary>Name of a repository: 1 to 64 of <c>A-Z a-z 0-9 _ -</c>, fixed for life. Compared by case.</summary>
internal readonly record struct RepositoryName : ISpanParsable<RepositoryName>
{
    private readonly string? _text;

    private RepositoryName(string text) => _text = text;

    public static RepositoryName Parse(string text) => Parse(text, null);

    public static RepositoryName Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan(), provider);

    public static RepositoryName Parse(ReadOnlySpan<char> s, IFormatProvider? provider) =>
        TryParse(s, provider, out var name)
            ? name
            : throw new FormatException($"'{s}' is no repository name: 1 to 64 letters, digits, '_' and '-'");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out RepositoryName result) =>
        TryParse(s.AsSpan(), provider, out result);

    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out RepositoryName result)
    {
        result = default;
        if (s.Length is < 1 or > 64)
        {
            return false;
        }

        foreach (var c in s)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-'))
            {
                return false;
            }
        }

        result = new(s.ToString());
        return true;
    }

    public override string ToString() => _text ?? "";
}
