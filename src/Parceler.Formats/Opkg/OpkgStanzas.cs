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
        var fields = new OpenFields();
        var number = 0;
        foreach (var line in Lines(text))
        {
            number++;
            if (!IsBlank(line))
            {
                Take(line, number, fields);
            }
            else if (fields.End() is { } stanza)
            {
                yield return stanza;
            }
        }

        if (fields.End() is { } last)
        {
            yield return last;
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

    private static void Take(string line, int number, OpenFields fields)
    {
        if (line.Length > LongestLine)
        {
            throw new InvalidDataException($"Line {number} is longer than the {LongestLine} characters that opkg reads");
        }

        if (line[0] is ' ' or '\t')
        {
            fields.Continue(line, number);
            return;
        }

        var colon = line.IndexOf(':');
        if (colon <= 0 || line.AsSpan(0, colon).ContainsAny(' ', '\t'))
        {
            throw new InvalidDataException($"Line {number} is no field 'Name: value'");
        }

        fields.Begin(line[..colon], line.AsSpan(colon + 1));
    }

    /// <summary>The fields of the stanza that is being read. The lines of the last are joined once: one by one they would take the square of their number.</summary>
    private sealed class OpenFields
    {
        private readonly StringBuilder _text = new();
        private List<StanzaField> _ended = [];
        private string? _name;

        public void Begin(string name, ReadOnlySpan<char> text)
        {
            EndField();
            _name = name;
            _text.Append(text);
        }

        public void Continue(string line, int number)
        {
            if (_name is null)
            {
                throw new InvalidDataException($"Line {number} continues a field, but there is none before it");
            }

            _text.Append('\n').Append(line);
        }

        /// <summary>The stanza, or null where no field began.</summary>
        public OpkgStanza? End()
        {
            EndField();
            var stanza = _ended.Count > 0 ? new OpkgStanza(_ended) : null;
            _ended = stanza is null ? _ended : [];
            return stanza;
        }

        private void EndField()
        {
            if (_name is not null)
            {
                _ended.Add(new(_name, _text.ToString()));
                _name = null;
                _text.Clear();
            }
        }
    }
}
