using System.Diagnostics.Metrics;
using Parceler.Delivery;
using Parceler.Entitlements;

namespace Parceler.App.Http;

/// <summary>What a request for a file came to.</summary>
internal enum Decision
{
    File,
    Part,
    Head,
    NotModified,
    Offloaded,
    Redirected,
    Unsatisfiable,
    Broken,
    StoreDown,
    Aborted,
    Anonymous,
    Denied,
    Unknown,
    Busy,
    NoFile,
    NoRepository,
    Malformed,
    Maintenance,
    Method,
}

/// <summary>A tier as requests name it, with what its requests came to.</summary>
internal sealed record CountedTier(Tier Tier)
{
    public Tally Decisions { get; } = DownloadCounts.NewTally();
}

/// <summary>Counts what requests came to. Counters of the metrics library with labels cost a request several times as much.</summary>
internal sealed class DownloadCounts(EntitlementCheck entitlement)
{
    public const string Meter = "Parceler.Delivery";
    private static readonly Meter s_meter = new(Meter);
    private static readonly Histogram<double> s_wait = s_meter.CreateHistogram(
        "parceler.delivery.wait",
        "s",
        "How long requests waited that memory could not decide.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 4] }
    );

    /// <summary>The labels of the decisions.</summary>
    public static readonly string[] Words =
    [
        "file", "part", "head", "not_modified", "offloaded", "redirected", "unsatisfiable", "broken", "store_down", "aborted", "anonymous", "denied", "unknown", "busy", "no_file", "no_repository", "malformed", "maintenance", "method",
    ];

    public IReadOnlyList<CountedTier> Tiers { get; } = [.. entitlement.Tiers.Select(tier => new CountedTier(tier))];

    /// <summary>What was decided before the tier was looked at.</summary>
    public Tally Others { get; } = NewTally();

    public static Tally NewTally() => new(Words.Length);

    /// <param name="what">The verdict, or the session.</param>
    public static void Waited(string what, long since) => s_wait.Record(TimeProvider.System.GetElapsedTime(since).TotalSeconds, new KeyValuePair<string, object?>("for", what));

    /// <summary>Counts an answer that is a file, or of one.</summary>
    public static void Count(HttpContext http, Tally decisions, Traffic traffic)
    {
        var decision = Of(http);
        decisions.Add((int)decision);
        if (decision is Decision.File or Decision.Part)
        {
            traffic.Add(http.Response.ContentLength ?? 0);
        }
    }

    private static Decision Of(HttpContext http) =>
        http.Response.StatusCode switch
        {
            StatusCodes.Status206PartialContent => Decision.Part,
            StatusCodes.Status302Found => Decision.Redirected,
            StatusCodes.Status503ServiceUnavailable => Decision.StoreDown,
            StatusCodes.Status304NotModified => Decision.NotModified,
            StatusCodes.Status416RangeNotSatisfiable => Decision.Unsatisfiable,
            StatusCodes.Status200OK when HttpMethods.IsHead(http.Request.Method) => Decision.Head,
            StatusCodes.Status200OK when http.Response.ContentLength is null => Decision.Offloaded,
            StatusCodes.Status200OK => Decision.File,
            _ => Decision.Broken,
        };
}
