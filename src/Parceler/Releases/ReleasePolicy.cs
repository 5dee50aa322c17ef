using System.Globalization;
using Parceler.Snapshots;

namespace Parceler.Releases;

/// <summary>Decides which snapshot of a repository is served: the one place that knows the rule.</summary>
/// <param name="DelayDays">How many days of 24 h the repository is held back; 0: not at all.</param>
/// <param name="Freeze">The snapshot to serve until unfrozen.</param>
/// <param name="ReleaseMark">Set by a release: older snapshots are no candidates any more.</param>
internal sealed record ReleasePolicy(int DelayDays, SnapshotInstant? Freeze, SnapshotInstant? ReleaseMark)
{
    /// <summary>
    /// Pure. As long as the snapshots do not change and the clock does not step back, it does not matter how often it is asked:
    /// the choice of today made from yesterday's is the choice of today made from last week's.
    /// </summary>
    /// <param name="snapshots">All that exist, oldest first.</param>
    public ServedChoice Choose(IReadOnlyList<KnownSnapshot> snapshots, ServedUntilNow? servedUntilNow, DateTimeOffset now)
    {
        if (Freeze is not { } frozen)
        {
            return ChooseByDelay(Candidates(snapshots), servedUntilNow, now);
        }

        return snapshots.Any(s => s.Instant == frozen)
            ? new(frozen, ServedReason.Frozen, "frozen", null, null)
            : ChooseByDelay(Candidates(snapshots), servedUntilNow, now) with
            {
                Warning = $"the frozen snapshot {frozen} is gone: served by the delay, as if unfrozen",
            };
    }

    /// <summary>The snapshots that may be served without a freeze, oldest first.</summary>
    public IReadOnlyList<KnownSnapshot> Candidates(IReadOnlyList<KnownSnapshot> snapshots)
    {
        var unpinned = snapshots.Where(s => !s.Pinned).ToList();
        if (ReleaseMark is not { } mark)
        {
            return unpinned;
        }

        var released = unpinned.FindAll(s => s.Instant >= mark);
        return released.Count > 0 ? released : unpinned;
    }

    private ServedChoice ChooseByDelay(IReadOnlyList<KnownSnapshot> candidates, ServedUntilNow? servedUntilNow, DateTimeOffset now)
    {
        if (candidates.Count == 0)
        {
            return new(null, ServedReason.NoSnapshot, "no snapshot", null, null);
        }

        if (DelayDays <= 0)
        {
            return new(candidates[^1].Instant, ServedReason.Newest, "newest: no delay", null, null);
        }

        var window = new DelayWindow(DelayDays, now);
        var served = servedUntilNow is { } until ? IndexOf(candidates, until.Snapshot) : -1;
        if (served >= 0 && !window.Holds(candidates[served].Instant))
        {
            return Describe(candidates, Walk(candidates, served, servedUntilNow!.Value.Frozen, window), window);
        }

        var oldest = IndexOfOldest(candidates, window);
        return oldest >= 0
            ? Describe(candidates, oldest, window)
            : new(candidates[^1].Instant, ServedReason.NewestOfOld, $"newest there is: none within {Days}", null, null);
    }

    /// <summary>From the one served until now through every turn that has come since.</summary>
    private static int Walk(IReadOnlyList<KnownSnapshot> candidates, int served, bool unfrozen, DelayWindow window)
    {
        var at = served;
        while (at + 1 < candidates.Count && Turn.Of(candidates[at].Instant, candidates[at + 1], window.Seconds, unfrozen).HasCome(window))
        {
            at++;
        }

        return at;
    }

    private ServedChoice Describe(IReadOnlyList<KnownSnapshot> candidates, int chosen, DelayWindow window)
    {
        var snapshot = candidates[chosen].Instant;
        Turn? turn = chosen + 1 < candidates.Count ? Turn.Of(snapshot, candidates[chosen + 1], window.Seconds, unfrozen: false) : null;
        if (window.Holds(snapshot))
        {
            return new(snapshot, ServedReason.OldestInWindow, $"oldest within {Days}", null, turn?.Time);
        }

        return turn is { } next
            ? new(snapshot, ServedReason.WaitsAfterGap, $"kept until the first sync after a gap is {Days} old", null, next.Time)
            : new(snapshot, ServedReason.Kept, $"kept: no sync within {Days}", null, null);
    }

    private string Days => DelayDays == 1 ? "1 day" : string.Create(CultureInfo.InvariantCulture, $"{DelayDays} days");

    private static int IndexOf(IReadOnlyList<KnownSnapshot> candidates, SnapshotInstant instant)
    {
        for (var i = 0; i < candidates.Count; i++)
        {
            if (candidates[i].Instant == instant)
            {
                return i;
            }
        }

        return -1;
    }

    private static int IndexOfOldest(IReadOnlyList<KnownSnapshot> candidates, DelayWindow window)
    {
        for (var i = 0; i < candidates.Count; i++)
        {
            if (window.Holds(candidates[i].Instant))
            {
                return i;
            }
        }

        return -1;
    }
}
