using Parceler.Snapshots;

namespace Parceler.App.Http;

/// <summary>The snapshot that a request was answered from, for the log.</summary>
internal sealed record DeliveredFrom(SnapshotInstant Snapshot);
