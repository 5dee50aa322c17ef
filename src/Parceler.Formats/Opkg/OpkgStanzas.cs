using System.Text;
using Parceler.Formats.Compression;

namespace Parceler.Formats.Opkg;

/// <summary>The text of Packages and of control files: stanzas with a blank line after each.</summary>
public static class OpkgStanzas
{
    private const int LongestLine = 1 << 20; // opkg reads no longer ones

    /// <summary>Reads stanza by stanza. Line ends are LF only, as for opkg: a CR stays in the field's text.</summary>
    public static IEnumerable<OpkgStanza> Parse(string text)
    {
        var fields = new List<StanzaField>();
        var number = 0;
        foreach (var line in Lines(text))
        {
            number++;
            if (!IsBlank(line))
            {
                Take(line, number, fields);
            }
            else if (fields.Count > 0)
            {
                yield return new([.. fields]);
                fields.Clear();
            }
        }

        if (fields.Count > 0)
        {
            yield return new(fields);
        }
    }

    /// <summary>Reads a Packages.gz that came from outside; one that is cut short, or unpacks to more than the limit, is refused.</summary>
    public static IEnumerable<OpkgStanza> ReadGzip(Stream packagesGz, long limit)
    {
        using var unpacked = new GzipReader(packagesGz, limit);
        using var reader = new StreamReader(unpacked, Encoding.UTF8, detectEncodingFromByteOrderMarks: false);
        return Parse(reader.ReadToEnd());
    }

    public static string Write(IEnumerable<OpkgStanza> stanzas) => string.Concat(stanzas.Select(stanza => $"{stanza}\n"));

    private static IEnumerable<string> Lines(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start) is var found and >= 0 ? found : text.Length;
            yield return text[start..end];
            start = end + 1;
        }
    }

    // a line of a blank and nothing else continues a description, so it ends no stanza
    private static bool IsBlank(string line) => !line.StartsWith(' ') && string.IsNullOrWhiteSpace(line);

    private static void Take(string line, int number, List<StanzaField> fields)
    {
        if (line.Length > LongestLine)
        {
            throw new InvalidDataException($"Line {number} is longer than the {LongestLine} characters that opkg reads");
        }

        if (line[0] is ' ' or '\t')
        {
            Continue(line, number, fields);
            return;
        }

        var colon = line.IndexOf(':');
        if (colon <= 0 || line.AsSpan(0, colon).ContainsAny(' ', '\t'))
        {
            throw new InvalidDataException($"Line {number} is no field 'Name: value'");
        }

        fields.Add(new(line[..colon], line[(colon + 1)..]));
    }

    private static void Continue(string line, int number, List<StanzaField> fields)
    {
        if (fields.Count == 0)
        {
            throw new InvalidDataException($"Line {number} continues a field, but there is none before it");
        }

        fields[^1] = fields[^1] with { Text = $"{fields[^1].Text}\n{line}" };
    }
}
