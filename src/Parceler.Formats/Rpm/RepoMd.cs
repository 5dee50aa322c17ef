using System.Globalization;
using System.Text;

namespace Parceler.Formats.Rpm;

/// <summary>
/// repomd.xml: the indexes of a repository of rpm. A signature over its bytes stands in repomd.xml.asc. A broken or hostile file is an
/// <see cref="InvalidDataException"/>. Source: createrepo_c.
/// </summary>
public sealed record RepoMd(string? Revision, IReadOnlyList<RepoMdEntry> Entries)
{
    private const int MostEntries = 1000;

    /// <summary>The index of a type, or null.</summary>
    public RepoMdEntry? this[string type] => Entries.FirstOrDefault(entry => entry.Type == type);

    public static RepoMd Read(Stream file, RpmLimits limits)
    {
        using var xml = new IndexXml(file, limits);
        if (!xml.NextElement() || xml.Name != "repomd")
        {
            throw new InvalidDataException("The file is no repomd.xml");
        }

        string? revision = null;
        var entries = new List<RepoMdEntry>();
        while (xml.NextElement())
        {
            if (xml is { Name: "revision", Depth: 1 })
            {
                revision = xml.Text();
            }
            else if (xml is { Name: "data", Depth: 1 })
            {
                entries.Add(entries.Count < MostEntries ? ReadEntry(xml) : throw new InvalidDataException($"The repomd.xml lists more than {MostEntries} indexes"));
            }
        }

        return new(revision, entries);
    }

    /// <summary>The file as createrepo_c writes it: what it wrote is written as the same bytes, but for tags of the repository.</summary>
    public byte[] ToBytes()
    {
        var text = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<repomd xmlns=\"http://linux.duke.edu/metadata/repo\" xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\">\n");
        Append(text, 1, "revision", Revision);
        foreach (var entry in Entries)
        {
            Append(text, entry);
        }

        return Encoding.UTF8.GetBytes(text.Append("</repomd>\n").ToString());
    }

    private static RepoMdEntry ReadEntry(IndexXml xml)
    {
        var depth = xml.Depth;
        var entry = new RepoMdEntry(xml.Required("type"), "", "", "");
        while (xml.IsOpen | xml.Depth > depth && xml.NextElement(depth))
        {
            entry = xml.Name switch
            {
                "checksum" => entry with { ChecksumType = xml.Required("type"), Checksum = xml.Text() },
                "open-checksum" => entry with { OpenChecksumType = xml.Required("type"), OpenChecksum = xml.Text() },
                "location" => entry with { LocationBase = xml.Attribute("xml:base"), Location = Below(xml.Required("href")) },
                "timestamp" => entry with { Timestamp = (long)ParseTime(xml.Text()) },
                "size" => entry with { Size = xml.NumberText() },
                "open-size" => entry with { OpenSize = xml.NumberText() },
                "database_version" => entry with { DatabaseVersion = xml.NumberText() },
                _ => entry,
            };
        }

        return entry.Location.Length > 0 && entry.Checksum.Length > 0 ? entry : throw new InvalidDataException($"The repomd.xml has no place or sum of its {entry.Type}");
    }

    // some writers give parts of seconds
    private static double ParseTime(string text) => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var time) && time < long.MaxValue
        ? time
        : throw new InvalidDataException("The repomd.xml has a timestamp that is no number");

    internal static string Below(string path) => path.Split('/').Any(part => part is "" or "." or "..") || path.AsSpan().ContainsAny('\\', '\0')
        ? throw new InvalidDataException($"The index has the path '{path}', which is not below the repository")
        : path;

    private static void Append(StringBuilder text, RepoMdEntry entry)
    {
        text.Append(CultureInfo.InvariantCulture, $"  <data type=\"{XmlText.Attribute(entry.Type)}\">\n");
        AppendSum(text, "checksum", entry.ChecksumType, entry.Checksum);
        AppendSum(text, "open-checksum", entry.OpenChecksumType, entry.OpenChecksum);
        var place = entry.LocationBase is null ? "" : $"xml:base=\"{XmlText.Attribute(entry.LocationBase)}\" ";
        text.Append(CultureInfo.InvariantCulture, $"    <location {place}href=\"{XmlText.Attribute(entry.Location)}\"/>\n");
        Append(text, 2, "timestamp", entry.Timestamp);
        Append(text, 2, "size", entry.Size);
        Append(text, 2, "open-size", entry.OpenSize);
        Append(text, 2, "database_version", entry.DatabaseVersion);
        text.Append("  </data>\n");
    }

    private static void AppendSum(StringBuilder text, string name, string? type, string? sum)
    {
        if (sum is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"    <{name} type=\"{XmlText.Attribute(type ?? "")}\">{XmlText.Of(sum)}</{name}>\n");
        }
    }

    private static void Append(StringBuilder text, int depth, string name, object? value)
    {
        if (value is not null)
        {
            text.Append(' ', 2 * depth).Append(CultureInfo.InvariantCulture, $"<{name}>{XmlText.Of(Convert.ToString(value, CultureInfo.InvariantCulture)!)}</{name}>\n");
        }
    }
}
