using Parceler.Releases;
using Parceler.Snapshots;

namespace Parceler.App.Answers;

/// <summary>A snapshot as <c>repository snapshots --json</c> prints it.</summary>
internal sealed record SnapshotEntry(string Instant, long Files, long Bytes, long NewBytes, bool Served, string? Reason)
{
    public static SnapshotEntry Of(SnapshotSummary snapshot, ServedChoice choice)
    {
        var served = choice.Snapshot == snapshot.Instant;
        return new(
            snapshot.Instant.ToString(),
            snapshot.Files,
            snapshot.Bytes,
            snapshot.NewBytes,
            served,
            served ? choice.Text
                : snapshot.Pinned ? "made for a freeze"
                : null
        );
    }
}
