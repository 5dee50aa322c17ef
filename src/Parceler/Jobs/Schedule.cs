using Cronos;

namespace Parceler.Jobs;

/// <summary>Moments given by a cron expression in a time zone. In the night when the clock goes forward a skipped moment comes right after the gap; in the one when it goes back it comes once.</summary>
internal sealed class Schedule(string cron, TimeZoneInfo zone)
{
    private readonly CronExpression _cron = CronExpression.Parse(cron);

    /// <summary>The first moment after <paramref name="time"/>; null when there is none any more.</summary>
    public DateTimeOffset? After(DateTimeOffset time) => _cron.GetNextOccurrence(time.ToUniversalTime(), zone)?.ToUniversalTime();
}
