using System.Diagnostics.CodeAnalysis;

namespace Parceler.Entitlements;

/// <summary>Name of a tier, as it stands in request paths: 1 to 32 of <c>a-z 0-9 _ -</c>.</summary>
internal readonly record struct TierName : ISpanParsable<TierName>
{
    private readonly string? _text;

    private TierName(string text) => _text = text;

    public static TierName Parse(string text) => Parse(text, null);

    public static TierName Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan(), provider);

    public static TierName Parse(ReadOnlySpan<char> s, IFormatProvider? provider) =>
        TryParse(s, provider, out var name)
            ? name
            : throw new FormatException($"'{s}' is no name of a tier: 1 to 32 lower-case letters, digits, '_' and '-'");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out TierName result) =>
        TryParse(s.AsSpan(), provider, out result);

    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out TierName result)
    {
        result = default;
        if (s.Length is < 1 or > 32)
        {
            return false;
        }

        foreach (var c in s)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('_' or '-'))
            {
                return false;
            }
        }

        result = new(s.ToString());
        return true;
    }

    public override string ToString() => _text ?? "";
}
