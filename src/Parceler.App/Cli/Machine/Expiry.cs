using System.Globalization;

namespace Parceler.App.Cli;

/// <summary>The end of an entry: after a whole day in the zone of the service, or at an instant.</summary>
internal static class Expiry
{
    /// <exception cref="UsageException"/>
    public static DateTimeOffset Parse(string text, TimeZoneInfo zone)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day < DateOnly.MaxValue)
        {
            var midnight = day.AddDays(1).ToDateTime(TimeOnly.MinValue);
            return new DateTimeOffset(midnight, zone.GetUtcOffset(midnight)).ToUniversalTime();
        }

        string[] formats = ["yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss'Z'"];
        return DateTimeOffset.TryParseExact(text, formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
            ? instant.ToUniversalTime()
            : throw new UsageException($"--expires: '{text}' is neither a day such as 2027-12-31 nor an instant such as 2027-12-31T12:00:00+01:00");
    }
}
