using System.Globalization;
using System.Text.Json;

namespace Parceler.Entitlements;

/// <summary>
/// Reads <c>subscription.valid_until</c> of a token authority. Authorities write it as a date, a date with a time, or
/// seconds or milliseconds of the Unix epoch; a date alone counts to its end, UTC.
/// </summary>
internal static class SubscriptionEnd
{
    private const double MillisecondsFrom = 1e11; // seconds of the year 5138
    private static readonly double LastSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    /// <summary>The end of the subscription in a body; null when there is none to read.</summary>
    public static DateTimeOffset? Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("subscription", out var subscription)
                && subscription.ValueKind is JsonValueKind.Object
                && subscription.TryGetProperty("valid_until", out var end)
                ? Of(end)
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: text that is no UTF-8
        {
            return null;
        }
    }

    private static DateTimeOffset? Of(JsonElement end) =>
        end.ValueKind switch
        {
            JsonValueKind.Number when end.TryGetDouble(out var number) => OfNumber(number),
            JsonValueKind.String => OfText(end.GetString()!.Trim()),
            _ => null,
        };

    private static DateTimeOffset? OfText(string text)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            var midnight = new DateTimeOffset(date, TimeOnly.MinValue, TimeSpan.Zero);
            return date == DateOnly.MaxValue ? DateTimeOffset.MaxValue : midnight.AddDays(1);
        }

        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return OfNumber(number);
        }

        // The year first, or it is anybody's guess which number is the month.
        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        var yearFirst = text.Length is > 10 and <= 40 && text.AsSpan(0, 4).ContainsAnyExceptInRange('0', '9') is false && text[4] == '-';
        return yearFirst && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, utc, out var time) ? time : null;
    }

    private static DateTimeOffset? OfNumber(double number)
    {
        var seconds = number >= MillisecondsFrom ? number / 1000 : number;
        return seconds >= 0 ? DateTimeOffset.FromUnixTimeSeconds((long)Math.Min(seconds, LastSecond)) : null;
    }
}
