namespace Parceler.Upstreams.Mirrors;

/// <summary>How long to wait before upstream is asked again.</summary>
internal static class FetchWaits
{
    /// <param name="failures">How often it failed, from 1 on.</param>
    /// <param name="retryAfter">What upstream asks for, or null.</param>
    /// <param name="chance">From 0 to 1: spreads those who failed at the same moment.</param>
    public static TimeSpan After(int failures, TimeSpan? retryAfter, FetchOptions options, double chance)
    {
        var grown = options.FirstWait * Math.Pow(2, Math.Min(failures - 1, 20));
        var wait = Min(grown, options.LongestWait) * (0.5 + (0.5 * chance));
        return retryAfter is { } asked && asked > wait ? Min(asked, options.LongestRetryAfter) : wait;
    }

    /// <summary>What upstream asks for with Retry-After, or null.</summary>
    public static TimeSpan? Asked(HttpResponseMessage response, DateTimeOffset now) => response.Headers.RetryAfter switch
    {
        { Delta: { } wait } => wait,
        { Date: { } date } => date - now,
        _ => null,
    };

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
