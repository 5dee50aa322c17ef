using System.Globalization;

namespace Parceler.Feeds;

/// <summary>Whether machines still take the head of a feed when it comes to them: those of apt say until when they hold.</summary>
internal static class FeedValidity
{
    /// <param name="until">What the head says; null where it says nothing.</param>
    /// <param name="moment">Until when it has to hold.</param>
    /// <param name="what">What happens then.</param>
    /// <returns>What an operator should know, or null.</returns>
    public static string? WarningOf(DateTimeOffset? until, DateTimeOffset now, DateTimeOffset moment, string what = "its release") =>
        until is not { } end ? null
        : end <= now ? $"its Valid-Until, {Time(end)}, is over: apt refuses it"
        : end < moment ? $"its Valid-Until, {Time(end)}, is before {what}, {Time(moment)}: apt will refuse it"
        : null;

    /// <summary>As remarks on feeds show times.</summary>
    public static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
