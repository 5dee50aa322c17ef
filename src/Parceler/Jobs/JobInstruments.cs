using System.Diagnostics.Metrics;

namespace Parceler.Jobs;

/// <summary>What is measured of jobs.</summary>
internal static class JobInstruments
{
    public const string Meter = "Parceler.Jobs";
    private static readonly Meter s_meter = new(Meter);
    private static readonly Histogram<double> s_duration = s_meter.CreateHistogram(
        "parceler.job.duration",
        "s",
        "How long a try of a job ran, by kind and result.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 5, 15, 60, 300, 900, 3600, 4 * 3600] }
    );

    /// <param name="result">What became of it: <c>succeeded</c>, <c>failed</c>, <c>retried</c>, <c>cancelled</c> or <c>handed_back</c>.</param>
    public static void Ended(string kind, string result, TimeSpan took) => s_duration.Record(took.TotalSeconds, new("kind", kind), new("result", result));
}
