using System.Text.Json;

namespace Parceler.Netify;

/// <summary>What the API wraps its answers in: <c>{"data": ...}</c>.</summary>
internal static class NetifyEnvelope
{
    /// <summary>The bytes of the inner value, an object or a list, as they came.</summary>
    /// <exception cref="NetifyException">It is no such envelope.</exception>
    public static ReadOnlyMemory<byte> Open(ReadOnlyMemory<byte> answer)
    {
        try
        {
            return Find(answer.Span) is { } range ? answer[range] : throw new NetifyException("the answer holds no data");
        }
        catch (JsonException)
        {
            throw new NetifyException("the answer is not whole JSON");
        }
    }

    private static Range? Find(ReadOnlySpan<byte> answer)
    {
        var reader = new Utf8JsonReader(answer);
        Range? data = null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isData = reader.ValueTextEquals("data"u8);
            reader.Read();
            var (from, isValue) = ((int)reader.TokenStartIndex, reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray);
            reader.Skip();
            data = !isData ? data : isValue ? from..(int)reader.BytesConsumed : null;
        }

        while (reader.Read())
        {
            // to the end: half an answer must not be taken for a whole one
        }

        return data;
    }
}
