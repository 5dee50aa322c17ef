using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Parceler.Upstreams.Mirrors;

/// <summary>An entry of a listing page.</summary>
/// <param name="Path">Below the root of the upstream, without '/' at its end.</param>
/// <param name="Row">What stands behind its link: time and size, however the web server writes them.</param>
internal readonly record struct ListedEntry(string Path, bool IsFolder, string Row);

/// <summary>
/// Reads the page that a web server makes of a folder (nginx, Apache, lighttpd, Python's http.server ...): its links that lead
/// further down. Links upwards, elsewhere, or with a query, as those that sort, are passed over.
/// </summary>
internal static partial class Listing
{
    // The time zone of a listing is not known, and its times end at the minute.
    private static readonly TimeSpan s_certainlyPast = TimeSpan.FromHours(26);

    /// <param name="folder">Path of the folder below the root, empty or with '/' at its end.</param>
    /// <param name="root">Ends with '/'.</param>
    public static IEnumerable<ListedEntry> Read(string page, string folder, Uri root)
    {
        for (var at = NextLink(page, 0); at >= 0;)
        {
            var end = page.IndexOf('>', at);
            if (end < 0)
            {
                yield break;
            }

            var next = NextLink(page, end);
            if (HrefOf(page.AsSpan(at, end - at)) is { } href && PathOf(href, folder, root) is { } path && path.TrimEnd('/') is var name && name.Length > folder.Length)
            {
                yield return new(name, path.EndsWith('/'), RowOf(page.AsSpan(end + 1, (next < 0 ? page.Length : next) - end - 1)));
            }

            at = next;
        }
    }

    /// <summary>Whether a file whose row says this was last written so long ago that the row would tell of every change since.</summary>
    public static bool IsSettled(string row, DateTimeOffset now)
    {
        var match = Times().Match(row);
        return match.Success
            && DateTime.TryParseExact(Normal(match), "yyyy-M-d H:m", CultureInfo.InvariantCulture, DateTimeStyles.None, out var written)
            && now.UtcDateTime - written > s_certainlyPast;
    }

    private static string Normal(Match match)
    {
        var month = match.Groups["month"].Value;
        var number = char.IsAsciiDigit(month[0]) ? month : $"{1 + Array.FindIndex(CultureInfo.InvariantCulture.DateTimeFormat.AbbreviatedMonthNames, m => m == month)}";
        return $"{match.Groups["year"].Value}-{number}-{match.Groups["day"].Value} {match.Groups["time"].Value}";
    }

    private static int NextLink(string page, int from)
    {
        for (var at = page.IndexOf("<a", from, StringComparison.OrdinalIgnoreCase); at >= 0; at = page.IndexOf("<a", at + 2, StringComparison.OrdinalIgnoreCase))
        {
            if (at + 2 < page.Length && char.IsWhiteSpace(page[at + 2]))
            {
                return at;
            }
        }

        return -1;
    }

    private static string? HrefOf(ReadOnlySpan<char> tag)
    {
        var at = tag.IndexOf("href", StringComparison.OrdinalIgnoreCase);
        var rest = at < 0 ? default : tag[(at + 4)..].TrimStart();
        if (rest.IsEmpty || rest[0] != '=')
        {
            return null;
        }

        rest = rest[1..].TrimStart();
        var quote = rest.IsEmpty ? ' ' : rest[0];
        var value = quote is '"' or '\'' ? rest[1..] : rest;
        var end = quote is '"' or '\'' ? value.IndexOf(quote) : value.IndexOfAny(" \t\r\n");
        var href = (end < 0 ? value : value[..end]).Trim();
        return href.Contains('&') ? WebUtility.HtmlDecode(href.ToString()) : href.ToString();
    }

    // Null where it leads elsewhere. Most links are plain names, and need no parser of addresses.
    private static string? PathOf(string href, string folder, Uri root)
    {
        if (href.Length == 0 || href.AsSpan().ContainsAny('?', '#'))
        {
            return null;
        }

        if (PlainName().IsMatch(href))
        {
            return folder + href;
        }

        if (!Uri.TryCreate(new Uri(root, Escaped(folder)), href, out var target) || target.Scheme != root.Scheme || target.Authority != root.Authority)
        {
            return null;
        }

        var above = root.AbsolutePath + Escaped(folder);
        return target.AbsolutePath.Length > above.Length && target.AbsolutePath.StartsWith(above, StringComparison.Ordinal) ? folder + Unescaped(target.AbsolutePath[above.Length..]) : null;
    }

    private static string Escaped(string folder) => string.Join('/', folder.Split('/').Select(Uri.EscapeDataString));

    // A '/' that was escaped would be another path: the name is kept as it is, and then is none that can be asked for.
    private static string Unescaped(string path) => string.Join('/', path.Split('/').Select(part => Uri.UnescapeDataString(part) is var name && name.Contains('/') ? part : name));

    // Up to the end of the line, or of the row of a table.
    private static string RowOf(ReadOnlySpan<char> behind)
    {
        var link = behind.IndexOf("</a", StringComparison.OrdinalIgnoreCase);
        var rest = link < 0 ? behind : behind[link..];
        var end = rest.IndexOf("</tr", StringComparison.OrdinalIgnoreCase) is var row and >= 0 ? row : rest.IndexOf('\n');
        return Plain(end < 0 ? rest : rest[..end]);
    }

    // Without tags, and with single blanks.
    private static string Plain(ReadOnlySpan<char> html)
    {
        var text = new StringBuilder(64);
        var isTag = html.StartsWith('<');
        foreach (var c in html.Length > 1000 ? html[..1000] : html)
        {
            if (isTag || c == '<')
            {
                isTag = c != '>';
                Blank(text);
            }
            else if (char.IsWhiteSpace(c))
            {
                Blank(text);
            }
            else
            {
                text.Append(c);
            }
        }

        return text.ToString().Trim();
    }

    private static void Blank(StringBuilder text)
    {
        if (text.Length > 0 && text[^1] != ' ')
        {
            text.Append(' ');
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9_~+,=-][A-Za-z0-9._~+,=-]*/?$")]
    private static partial Regex PlainName();

    [GeneratedRegex(@"\b((?<day>[0-3]?\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d{4})|(?<year>\d{4})-(?<month>[0-1]\d|[A-Z][a-z]{2})-(?<day>[0-3]\d))[ T](?<time>[0-2]\d:[0-5]\d)")]
    private static partial Regex Times();
}
