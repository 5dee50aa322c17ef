using Parceler.Snapshots;

namespace Parceler.Releases;

/// <summary>Decides which snapshots nobody needs any more.</summary>
/// <param name="Policy">As it is now: a delay that is raised later finds no older snapshots to go back to.</param>
/// <param name="Grace">How long a snapshot stays after it stopped being served.</param>
internal sealed record Retention(ReleasePolicy Policy, TimeSpan Grace)
{
    /// <summary>A folder that was just taken in for a freeze is not frozen yet.</summary>
    private const int DaysOfPinned = 1;

    /// <summary>
    /// Pure. Whatever the delay would choose from now on, with a freeze lifted or not, is never among them, nor is the newest.
    /// </summary>
    /// <param name="snapshots">All that exist, oldest first.</param>
    /// <param name="leased">Those on which a machine is in the middle of an update.</param>
    /// <param name="servings">The serving history, in any order.</param>
    public IReadOnlyList<DroppedSnapshot> ToDrop(
        IReadOnlyList<KnownSnapshot> snapshots,
        ServedUntilNow? served,
        IReadOnlySet<SnapshotInstant> leased,
        IReadOnlyList<Serving> servings,
        DateTimeOffset now)
    {
        var candidates = Policy.Candidates(snapshots);
        if (candidates.Count == 0)
        {
            return []; // only pinned ones: better than nothing
        }

        var needed = Needed(snapshots, served, servings, now);
        needed.UnionWith(leased);
        return
        [
            .. from snapshot in snapshots
               where !needed.Contains(snapshot.Instant)
               let reason = ReasonToDrop(snapshot, candidates[0].Instant, now)
               where reason is not null
               select new DroppedSnapshot(snapshot.Instant, reason),
        ];
    }

    private HashSet<SnapshotInstant> Needed(
        IReadOnlyList<KnownSnapshot> snapshots, ServedUntilNow? served, IReadOnlyList<Serving> servings, DateTimeOffset now)
    {
        // Under a freeze the choice is the frozen one. All that the delay can choose later is younger than what it would choose now, and
        // inside the window: sparing the two spares the newest, too.
        var choice = Policy.Choose(snapshots, served, now);
        var unfrozen = (Policy with { Freeze = null }).Choose(snapshots, choice.Served, now);
        SnapshotInstant?[] chosen = [served?.Snapshot, choice.Snapshot, unfrozen.Snapshot];
        var graced = servings.Where(s => s.StoppedAt is not { } stoppedAt || now - stoppedAt < Grace).Select(s => s.Snapshot);
        return [.. chosen.OfType<SnapshotInstant>(), .. graced];
    }

    private string? ReasonToDrop(KnownSnapshot snapshot, SnapshotInstant oldestCandidate, DateTimeOffset now)
    {
        var window = new DelayWindow(snapshot.Pinned ? Math.Max(Policy.DelayDays, DaysOfPinned) : Policy.DelayDays, now);
        if (!window.Holds(snapshot.Instant))
        {
            return snapshot.Pinned ? "its freeze is over" : "older than the delay";
        }

        return !snapshot.Pinned && snapshot.Instant < oldestCandidate ? "older than the release" : null;
    }
}
