using System.Text;

namespace Parceler.Database;

/// <summary>Text as PostgreSQL takes it: what it can't hold is U+FFFD.</summary>
internal static class PostgresText
{
    public static string Of(string text) => text.Contains('\0', StringComparison.Ordinal) || text.Any(char.IsSurrogate) ? Mend(text) : text;

    private static string Mend(string text)
    {
        var mended = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) // a lone half comes as U+FFFD
        {
            mended.Append((rune.Value == 0 ? Rune.ReplacementChar : rune).ToString());
        }

        return mended.ToString();
    }
}
