using Parceler.Snapshots;

namespace Parceler.Releases;

/// <summary>A snapshot that will be served, and from when.</summary>
/// <param name="From">Null for what is served now.</param>
internal sealed record ForecastServing(DateTimeOffset? From, ServedChoice Choice);

/// <summary>What will be served when, if nothing but time happens: the release policy asked again at each moment that it names.</summary>
internal static class ReleaseForecast
{
    private const int MostSteps = 10_000;

    /// <summary>First what is served now, then each other snapshot that comes after it up to a moment.</summary>
    public static List<ForecastServing> Of(ReleasePolicy policy, IReadOnlyList<KnownSnapshot> snapshots, ServedUntilNow? servedUntilNow, DateTimeOffset now, DateTimeOffset until)
    {
        var servings = new List<ForecastServing> { new(null, policy.Choose(snapshots, servedUntilNow, now)) };
        for (var step = 0; step < MostSteps && servings[^1].Choice is { Until: { } turn } choice && turn <= until; step++)
        {
            var next = policy.Choose(snapshots, choice.Served, turn.AddTicks(1)); // a choice may hold at the moment itself
            if (next.Snapshot == choice.Snapshot)
            {
                servings[^1] = servings[^1] with { Choice = next }; // the same, for another reason
                if (next.Until is not { } later || later <= turn)
                {
                    break;
                }
            }
            else
            {
                servings.Add(new(turn, next));
            }
        }

        return servings;
    }
}
