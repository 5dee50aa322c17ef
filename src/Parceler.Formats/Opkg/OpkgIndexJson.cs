using System.Text.Encodings.Web;
using System.Text.Json;

namespace Parceler.Formats.Opkg;

/// <summary>The index.json of a feed: names to versions, read by the firmware selector and by sysupgrade tools.</summary>
internal static class OpkgIndexJson
{
    // or '+' in versions would be escaped; nothing here goes into a page
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Of(IEnumerable<OpkgStanza> stanzas, string architecture)
    {
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output, Plain))
        {
            Write(json, architecture, Versions(stanzas));
        }

        output.WriteByte((byte)'\n');
        return output.ToArray();
    }

    private static void Write(Utf8JsonWriter json, string architecture, OrderedDictionary<string, string> versions)
    {
        json.WriteStartObject();
        json.WriteNumber("version", 2);
        json.WriteString("architecture", architecture);
        json.WriteStartObject("packages");
        foreach (var (name, version) in versions)
        {
            json.WriteString(name, version);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static OrderedDictionary<string, string> Versions(IEnumerable<OpkgStanza> stanzas)
    {
        var versions = new OrderedDictionary<string, string>();
        foreach (var stanza in stanzas)
        {
            versions[NameOf(stanza)] = stanza.Version; // the last stanza of a name wins
        }

        return versions;
    }

    private static string NameOf(OpkgStanza stanza) =>
        stanza["ABIVersion"] is { Length: > 0 } suffix && stanza.Package.EndsWith(suffix, StringComparison.Ordinal)
            ? stanza.Package[..^suffix.Length]
            : stanza.Package;
}
