using Parceler.Snapshots;

namespace Parceler.Releases;

/// <summary>The last choice that took effect.</summary>
/// <param name="Snapshot">What machines got.</param>
/// <param name="Frozen">
/// Whether they got it because of a freeze. Retention drops what comes and goes during a freeze, so after it a hole behind the
/// served snapshot is no outage; without a freeze it is.
/// </param>
internal readonly record struct ServedUntilNow(SnapshotInstant Snapshot, bool Frozen);
