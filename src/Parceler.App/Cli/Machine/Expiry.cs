using System.Globalization;

namespace Parceler.App.Cli;

/// <summary>The end of an entry: after a whole day in the zone of the service, at an instant, or after some days.</summary>
internal static class Expiry
{
    private static readonly string[] s_instants = ["yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss'Z'"];

    /// <exception cref="UsageException"/>
    public static DateTimeOffset Parse(string text, TimeZoneInfo zone) =>
        Find(text, zone, daysLater: 1) ?? throw new UsageException($"--expires: '{text}' is neither a day such as 2027-12-31 nor an instant such as 2027-12-31T12:00:00+01:00");

    /// <summary>Also <c>90d</c>: so many days from now.</summary>
    /// <exception cref="UsageException"/>
    public static DateTimeOffset Parse(string text, TimeZoneInfo zone, DateTimeOffset now) =>
        text.EndsWith('d') && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is > 0 and <= 36_500
            ? now.AddDays(days)
            : Parse(text, zone);

    /// <summary>Where a time begins: with a day, or at an instant.</summary>
    /// <exception cref="UsageException"/>
    public static DateTimeOffset Begin(string text, TimeZoneInfo zone) =>
        Find(text, zone, daysLater: 0) ?? throw new UsageException($"--since: '{text}' is neither a day such as 2026-11-01 nor an instant such as 2026-11-01T12:00:00+01:00");

    private static DateTimeOffset? Find(string text, TimeZoneInfo zone, int daysLater)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day < DateOnly.MaxValue)
        {
            var midnight = day.AddDays(daysLater).ToDateTime(TimeOnly.MinValue);
            return new DateTimeOffset(midnight, zone.GetUtcOffset(midnight)).ToUniversalTime();
        }

        return DateTimeOffset.TryParseExact(text, s_instants, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) ? instant.ToUniversalTime() : null;
    }
}
