using Parceler.Snapshots;

namespace Parceler.Releases;

/// <summary>When the next candidate takes over from the served snapshot, if nothing but time happens.</summary>
internal readonly record struct Turn(long UnixSeconds, bool AfterGap)
{
    /// <param name="unfrozen">Whether the served one was frozen: then snapshots missing behind it were dropped, not lost.</param>
    public static Turn Of(SnapshotInstant served, KnownSnapshot next, long delaySeconds, bool unfrozen)
    {
        var previous = next.Previous is { } p && p > served ? p : served;
        // Without a freeze, the served one can be left behind by more than the delay only while it waits for the first sync after
        // a gap. That one was deleted then: what came after it must not go out any sooner for it.
        var afterGap = Exceeds(next.Instant, previous, delaySeconds) || (!unfrozen && Exceeds(previous, served, delaySeconds));
        return new((afterGap ? next.Instant : served).UnixSeconds + delaySeconds, afterGap);
    }

    /// <summary>The moment as a date; absent when it is beyond all dates.</summary>
    public DateTimeOffset? Time =>
        UnixSeconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.FromUnixTimeSeconds(UnixSeconds) : null;

    public bool HasCome(DelayWindow window) => AfterGap ? window.IsAtOrAfter(UnixSeconds) : window.IsAfter(UnixSeconds);

    private static bool Exceeds(SnapshotInstant later, SnapshotInstant earlier, long seconds) =>
        later.UnixSeconds - earlier.UnixSeconds > seconds;
}
