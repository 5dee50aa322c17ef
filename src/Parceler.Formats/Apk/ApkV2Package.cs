using System.Globalization;

namespace Parceler.Formats.Apk;

/// <summary>One package in an index of apk 2: lines of a letter, a colon and a value, in their order. Source: the wiki of Alpine, Apk spec.</summary>
public sealed record ApkV2Package(IReadOnlyList<KeyValuePair<char, string>> Lines)
{
    public string Name => this['P'] ?? throw new InvalidDataException("The index has a package without a name");

    public string Version => this['V'] ?? throw new InvalidDataException($"The index has no version of '{Name}'");

    public string? Architecture => this['A'];

    /// <summary>"Q1" and base64 of the SHA-1 of the part of the file that describes the package.</summary>
    public string? Checksum => this['C'];

    /// <summary>Bytes of the file.</summary>
    public long? Size => long.TryParse(this['S'], NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null;

    /// <summary>The name of the file beside the index.</summary>
    public string FileName => $"{Name}-{Version}.apk";

    /// <summary>The value of a line, or null.</summary>
    public string? this[char letter] => Lines.FirstOrDefault(line => line.Key == letter).Value;

    /// <summary>The lines, each with its end.</summary>
    public override string ToString() => string.Concat(Lines.Select(line => $"{line.Key}:{line.Value}\n"));

    internal static IEnumerable<ApkV2Package> Parse(string text)
    {
        var lines = new List<KeyValuePair<char, string>>();
        for (var (start, end) = (0, 0); start < text.Length; start = end + 1)
        {
            end = text.IndexOf('\n', start) is var found and >= 0 ? found : text.Length;
            var line = text.AsSpan(start, end - start);
            if (line.Length > 0)
            {
                lines.Add(line.Length > 1 && line[1] == ':' ? new(line[0], line[2..].ToString()) : throw new InvalidDataException("The index has a line that is no letter, colon and value"));
            }
            else if (lines.Count > 0)
            {
                yield return new([.. lines]);
                lines.Clear();
            }
        }

        if (lines.Count > 0)
        {
            yield return new(lines);
        }
    }
}
