using System.Globalization;
using System.Text;

namespace Parceler.Formats.Apt;

/// <summary>
/// The Release of a suite: which indexes it has, with size and sums. InRelease is the same with a signature around it, see
/// <see cref="Signing.ClearsignedText"/>. A file that is none is an <see cref="InvalidDataException"/>. Source: the wiki of Debian, RepositoryFormat.
/// </summary>
public sealed class AptRelease
{
    private const string DateField = "Date";

    private AptRelease(DebStanza stanza)
    {
        Stanza = stanza;
        Files = [.. FilesOf(AptHash.SHA256), .. FilesOf(AptHash.SHA512)];
        Date = TimeOf(DateField);
        ValidUntil = TimeOf("Valid-Until");
    }

    /// <summary>All its fields, as they stand.</summary>
    public DebStanza Stanza { get; }

    public string? Suite => Stanza["Suite"];

    public string? Codename => Stanza["Codename"];

    public IReadOnlyList<string> Architectures => WordsOf("Architectures");

    public IReadOnlyList<string> Components => WordsOf("Components");

    /// <summary>When it was made; of two releases of a suite apt refuses the older.</summary>
    public DateTimeOffset? Date { get; }

    /// <summary>After this, apt refuses it.</summary>
    public DateTimeOffset? ValidUntil { get; }

    /// <summary>Whether each index stands under its sum too.</summary>
    public bool HasByHash => Stanza["Acquire-By-Hash"] == "yes";

    /// <summary>The lines of the sections SHA256 and SHA512, in their order.</summary>
    public IReadOnlyList<ReleaseFile> Files { get; }

    /// <summary>The strongest sum that the release has: apt asks for indexes by that one.</summary>
    public AptHash StrongestHash => Files.Any(file => file.Kind == AptHash.SHA512) ? AptHash.SHA512 : AptHash.SHA256;

    public static AptRelease Parse(ReadOnlyMemory<byte> text) => DebStanzas.Read(new MemoryStream(text.ToArray())).ToArray() is [var stanza]
        ? new(stanza)
        : throw new InvalidDataException("The Release is not one stanza");

    /// <summary>
    /// Of its fields (Origin, Suite, Architectures ...) and indexes. List each index unpacked too, even where only the packed one is served: apt
    /// passes over an index of which it knows no unpacked size.
    /// </summary>
    public static AptRelease Of(IEnumerable<KeyValuePair<string, string>> fields, DateTimeOffset date, IEnumerable<ReleaseFile> files)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in fields.Append(new(DateField, date.ToUniversalTime().ToString("ddd, dd MMM yyyy HH:mm:ss 'UTC'", CultureInfo.InvariantCulture))))
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\n");
        }

        foreach (var section in files.GroupBy(file => file.Kind).OrderBy(section => section.Key))
        {
            text.Append(CultureInfo.InvariantCulture, $"{section.Key}:\n");
            foreach (var file in section.OrderBy(file => file.Path, StringComparer.Ordinal))
            {
                text.Append(CultureInfo.InvariantCulture, $" {file.Hash} {file.Size,16} {file.Path}\n");
            }
        }

        return Parse(Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>The bytes of the Release file.</summary>
    public byte[] ToBytes() => Stanza.Text.ToArray();

    private string[] WordsOf(string name) => (Stanza[name] ?? "").Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);

    private List<ReleaseFile> FilesOf(AptHash kind)
    {
        var files = new List<ReleaseFile>();
        foreach (var line in (Stanza[kind.ToString()] ?? "").AsSpan().EnumerateLines())
        {
            if (!line.IsWhiteSpace())
            {
                files.Add(ReleaseFile.Parse(line, kind));
            }
        }

        return files;
    }

    // RFC 1123, with UTC, GMT or +0000 for the zone; apt reads no other
    private DateTimeOffset? TimeOf(string name)
    {
        if (Stanza[name] is not { } text)
        {
            return null;
        }

        var inUtc = text.EndsWith(" UTC", StringComparison.Ordinal) || text.EndsWith(" GMT", StringComparison.Ordinal) ? text[..^4]
            : text.EndsWith(" +0000", StringComparison.Ordinal) ? text[..^6]
            : text;
        return DateTimeOffset.TryParseExact(inUtc, "ddd, d MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new InvalidDataException($"The Release has '{text}' for its {name}, which is no time in UTC");
    }
}
