using System.Globalization;
using System.Text;

namespace Parceler.Formats.Rpm;

/// <summary>Escapes as libxml2 does, which writes the indexes of createrepo_c.</summary>
internal static class XmlText
{
    public static string Of(string text) => Escape(text, isAttribute: false);

    public static string Attribute(string text) => Escape(text, isAttribute: true);

    private static string Escape(string text, bool isAttribute)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            escaped.Append(c switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' when isAttribute => "&quot;",
                '\r' => "&#13;",
                '\n' when isAttribute => "&#10;",
                '\t' when isAttribute => "&#9;",
                '\n' or '\t' => c.ToString(),
                < ' ' or '\uFFFE' or '\uFFFF' => "", // XML has no way to write it
                _ => null,
            } ?? c.ToString(CultureInfo.InvariantCulture));
        }

        return escaped.ToString();
    }
}
