using Parceler.Snapshots;

namespace Parceler.Releases;

/// <summary>A time in which a snapshot was served.</summary>
/// <param name="StoppedAt">When another one took its place; absent while it is served.</param>
internal readonly record struct Serving(SnapshotInstant Snapshot, DateTimeOffset? StoppedAt);
