using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Parceler.Entitlements;

/// <summary>
/// The id that a machine gives itself: 1 to 255 characters, no colon (it ends the id in Basic credentials), and nothing
/// that a terminal or a log would act on instead of showing it.
/// </summary>
internal readonly record struct SystemId : ISpanParsable<SystemId>
{
    private readonly string? _text;

    private SystemId(string text) => _text = text;

    public static SystemId Parse(string text) => Parse(text, null);

    public static SystemId Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan(), provider);

    public static SystemId Parse(ReadOnlySpan<char> s, IFormatProvider? provider) =>
        TryParse(s, provider, out var id)
            ? id
            : throw new FormatException("This is no system id: 1 to 255 characters, without colons and control characters");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out SystemId result) =>
        TryParse(s.AsSpan(), provider, out result);

    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out SystemId result)
    {
        result = default;
        if (s.Length is < 1 or > 255 || s.Contains(':') || !IsShowable(s))
        {
            return false;
        }

        result = new(s.ToString());
        return true;
    }

    public override string ToString() => _text ?? "";

    private static bool IsShowable(ReadOnlySpan<char> s)
    {
        foreach (var c in s)
        {
            var kind = char.IsAscii(c) && !char.IsControl(c) ? UnicodeCategory.OtherSymbol : char.GetUnicodeCategory(c);
            if (kind is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                return false;
            }
        }

        return true;
    }
}
