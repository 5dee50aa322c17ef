using System.Diagnostics.Metrics;
using Polly.CircuitBreaker;

namespace Parceler.Entitlements;

/// <summary>What is measured of the licence authorities.</summary>
internal static class AuthorityInstruments
{
    public const string Meter = "Parceler.Entitlements";
    private static readonly Meter s_meter = new(Meter);
    private static readonly Histogram<double> s_duration = s_meter.CreateHistogram(
        "parceler.authority.call.duration",
        "s",
        "How long a question to a licence authority took, with its retries, by tier and outcome.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4] }
    );

    public static void Answered(TierName tier, AuthorityAnswer answer, long since) =>
        Record(
            tier,
            answer switch
            {
                AuthorityAnswer.Allowed => "allowed",
                AuthorityAnswer.Denied => "denied",
                _ => "no_answer",
            },
            since
        );

    public static void Failed(TierName tier, Exception e, long since) =>
        Record(tier, e is BrokenCircuitException ? "breaker_open" : "no_answer", since);

    private static void Record(TierName tier, string outcome, long since) =>
        s_duration.Record(TimeProvider.System.GetElapsedTime(since).TotalSeconds, new("tier", tier.ToString()), new("outcome", outcome));
}

/// <summary>How an authority stands.</summary>
/// <param name="IsUp">False while it gives no answer.</param>
/// <param name="IsBreakerOpen">It is left alone for some seconds after too many failures.</param>
internal sealed record AuthorityState(TierName Tier, bool IsUp, bool IsBreakerOpen);
