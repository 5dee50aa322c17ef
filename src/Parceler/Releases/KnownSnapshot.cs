using Parceler.Snapshots;

namespace Parceler.Releases;

/// <summary>What the rules of release need to know of a snapshot that exists.</summary>
/// <param name="Instant">Its name.</param>
/// <param name="Previous">
/// The newest unpinned snapshot when this one was made, whether it still exists or not. It tells an outage from snapshots
/// that were dropped since. Absent (the first of all, or not recorded): the one before it that still exists counts.
/// </param>
/// <param name="Pinned">Made for a freeze only: never a candidate.</param>
internal readonly record struct KnownSnapshot(SnapshotInstant Instant, SnapshotInstant? Previous, bool Pinned);
