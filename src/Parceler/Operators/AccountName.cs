using System.Diagnostics.CodeAnalysis;

namespace Parceler.Operators;

/// <summary>Name of an operator or of a token: 1 to 64 letters, digits and <c>_ - . @</c>. Compared by case.</summary>
internal readonly record struct AccountName : IParsable<AccountName>
{
    private readonly string? _text;

    private AccountName(string text) => _text = text;

    public static AccountName Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var name) ? name : throw new FormatException($"'{s}' is no name of an operator or a token: 1 to 64 letters, digits, '_', '-', '.' and '@'");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out AccountName result)
    {
        var fits = s is { Length: >= 1 and <= 64 } && s.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '@') && s is not ("." or "..");
        result = fits ? new(s!) : default;
        return fits;
    }

    public override string ToString() => _text ?? "";
}
