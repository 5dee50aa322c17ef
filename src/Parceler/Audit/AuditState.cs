using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Parceler.Audit;

/// <summary>What something is like, in JSON, for the audit log.</summary>
internal static class AuditState
{
    private static readonly JsonWriterOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }; // a '+' in an instant stays one

    public static JsonArray ListOf(IEnumerable<string> words) => new([.. words.Select(word => (JsonNode?)word)]);

    /// <summary>Leaves of both only what differs.</summary>
    public static void KeepDifferences(JsonObject? before, JsonObject? after)
    {
        if (before is null || after is null)
        {
            return;
        }

        foreach (var name in before.Select(member => member.Key).Where(name => after.ContainsKey(name) && JsonNode.DeepEquals(before[name], after[name])).ToList())
        {
            before.Remove(name);
            after.Remove(name);
        }
    }

    public static string? ToText(JsonObject? state)
    {
        if (state is null)
        {
            return null;
        }

        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, s_plain))
        {
            state.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
