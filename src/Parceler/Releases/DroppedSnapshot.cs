using Parceler.Snapshots;

namespace Parceler.Releases;

/// <summary>A snapshot that retention lets go, and why.</summary>
internal readonly record struct DroppedSnapshot(SnapshotInstant Instant, string Reason);
