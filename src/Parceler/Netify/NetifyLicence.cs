using System.Text.Json;

namespace Parceler.Netify;

/// <summary>A licence as the API describes it.</summary>
/// <param name="Ends">The day at whose start it ends, in UTC.</param>
/// <param name="Content">All of it, as it came.</param>
internal sealed record NetifyLicence(string Label, string Serial, DateTimeOffset Ends, bool HasEntitlements, ReadOnlyMemory<byte> Content)
{
    /// <summary>What a licence must be good for.</summary>
    public static readonly string[] Entitlements = ["netify-proc-aggregator", "netify-proc-flow-actions", "netify-proc-dev-discovery", "netify-sink-sqlite"];

    public bool IsValidAt(DateTimeOffset now) => now < Ends;

    /// <exception cref="NetifyException"/>
    public static NetifyLicence Parse(ReadOnlyMemory<byte> content) =>
        TryParse(content) ?? throw new NetifyException("the answer is no licence with issued_to, serial and expire_at");

    /// <summary>The licences of a list; what is none is passed over.</summary>
    /// <exception cref="NetifyException"/>
    public static List<NetifyLicence> ParseList(ReadOnlyMemory<byte> list)
    {
        var licences = new List<NetifyLicence>();
        foreach (var content in Elements(list))
        {
            if (TryParse(content) is { } licence)
            {
                licences.Add(licence);
            }
        }

        return licences;
    }

    private static List<ReadOnlyMemory<byte>> Elements(ReadOnlyMemory<byte> list)
    {
        var reader = new Utf8JsonReader(list.Span);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new NetifyException("the answer is no list of licences");
        }

        var elements = new List<ReadOnlyMemory<byte>>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var from = (int)reader.TokenStartIndex;
            reader.Skip();
            elements.Add(list[from..(int)reader.BytesConsumed]);
        }

        return elements;
    }

    private static NetifyLicence? TryParse(ReadOnlyMemory<byte> content)
    {
        using var json = JsonDocument.Parse(content);
        var root = json.RootElement;
        return root.ValueKind == JsonValueKind.Object
            && Text(root, "issued_to") is { } label
            && Text(root, "serial") is { Length: > 0 } serial
            && root.TryGetProperty("expire_at", out var end) && end.ValueKind == JsonValueKind.Object
            && end.TryGetProperty("unix", out var unix) && unix.ValueKind == JsonValueKind.Number && unix.TryGetInt64(out var seconds) && seconds is > 0 and < 253_402_300_800
            ? new(label, serial, StartOfDay(DateTimeOffset.FromUnixTimeSeconds(seconds)), Entitlements.All(name => root.TryGetProperty(name, out _)), content)
            : null;
    }

    public static DateTimeOffset StartOfDay(DateTimeOffset time) => new(time.UtcDateTime.Date, TimeSpan.Zero);

    private static string? Text(JsonElement root, string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
