using System.Buffers.Text;
using System.Text;

namespace Parceler.Formats.Apt;

/// <summary>
/// One stanza of a deb822 file, such as Packages, Release or the control of a .deb: the bytes as they stood, each line with its LF, without
/// the blank line after them. Names of fields are the same in any case of letters; of a field that stands twice, the first counts, as in apt.
/// Source: deb822(5).
/// </summary>
public readonly struct DebStanza(ReadOnlyMemory<byte> text)
{
    public ReadOnlyMemory<byte> Text { get; } = text;

    public string Package => Required("Package");

    public string Version => Required("Version");

    public string Architecture => Required("Architecture");

    /// <summary>Path of the package below the root of the repository; only an index has it.</summary>
    public string? Filename => this["Filename"];

    /// <summary>Bytes of the package file, or null; only an index has it.</summary>
    public long? Size => Utf8Parser.TryParse(Value("Size"u8), out ulong size, out var used) && used == Value("Size"u8).Length && size <= long.MaxValue ? (long)size : null;

    /// <summary>64 hexadecimal digits, or null.</summary>
    public string? Sha256 => this["SHA256"];

    /// <summary>The names in their order.</summary>
    public IEnumerable<string> Names
    {
        get
        {
            for (var at = 0; at < Text.Length;)
            {
                var length = FieldLength(Text.Span[at..]);
                yield return Encoding.UTF8.GetString(Text.Span.Slice(at, Text.Span[at..].IndexOf((byte)':')));
                at += length;
            }
        }
    }

    /// <summary>The value of a field without blanks around it, continuation lines as they stand; null where there is none.</summary>
    public string? this[string name] => Find(Encoding.UTF8.GetBytes(name)) is var field && field.End.Value > 0 ? Encoding.UTF8.GetString(ValueOf(Text.Span[field])) : null;

    /// <summary>As the indexer, without making a text; empty where there is no such field.</summary>
    public ReadOnlySpan<byte> Value(ReadOnlySpan<byte> name) => Find(name) is var field && field.End.Value > 0 ? ValueOf(Text.Span[field]) : [];

    /// <summary>Of the given text, in which each line is a field or continues one.</summary>
    public static DebStanza Parse(string text) => DebStanzas.Read(new MemoryStream(Encoding.UTF8.GetBytes(text))).ToArray() is [var stanza]
        ? stanza
        : throw new InvalidDataException("The text is not one stanza");

    /// <summary>The same with a field set to a value: in its place if it stands already, else before the description, which comes last.</summary>
    public DebStanza With(string name, string value)
    {
        if (name.Length == 0 || name.AsSpan().ContainsAny(": \t\n") || value.Split('\n').Skip(1).Any(line => line.Length < 2 || line[0] is not (' ' or '\t')))
        {
            throw new ArgumentException($"'{name}' cannot have this value: each line after the first begins with a blank");
        }

        var place = Find(Encoding.UTF8.GetBytes(name));
        if (place.End.Value == 0)
        {
            var at = Find("Description"u8) is var description && description.End.Value > 0 ? description.Start.Value : Text.Length;
            place = at..at;
        }

        var blank = value.Length == 0 || value[0] == '\n' ? "" : " ";
        return Replace(place, Encoding.UTF8.GetBytes($"{name}:{blank}{value}\n"));
    }

    public DebStanza Without(string name) => Find(Encoding.UTF8.GetBytes(name)) is var place && place.End.Value > 0 ? Replace(place, []) : this;

    /// <summary>One with memory of its own: what a reader gives is good only until it reads on.</summary>
    public DebStanza Copy() => new(Text.ToArray());

    /// <summary>The lines.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Text.Span);

    private static ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> field) => field[(field.IndexOf((byte)':') + 1)..].Trim(" \t\r\n"u8);

    // a field goes up to the next line that begins with no blank
    private static int FieldLength(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf((byte)'\n') + 1;
        while (end < text.Length && text[end] is (byte)' ' or (byte)'\t')
        {
            end += text[end..].IndexOf((byte)'\n') + 1;
        }

        return end;
    }

    private Range Find(ReadOnlySpan<byte> name)
    {
        var text = Text.Span;
        for (var at = 0; at < text.Length;)
        {
            var length = FieldLength(text[at..]);
            if (length > name.Length && text[at + name.Length] == ':' && IsNamed(text.Slice(at, name.Length), name))
            {
                return at..(at + length);
            }

            at += length;
        }

        return default;
    }

    // names are in ASCII; others that stand there all the same are found as they are
    private static bool IsNamed(ReadOnlySpan<byte> field, ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(field, name) || field.SequenceEqual(name);

    private DebStanza Replace(Range place, ReadOnlySpan<byte> field) => new((byte[])[.. Text.Span[..place.Start], .. field, .. Text.Span[place.End..]]);

    private string Required(string name) => this[name] is { Length: > 0 } value ? value : throw new InvalidDataException($"The stanza of '{this["Package"]}' has no {name}");
}
