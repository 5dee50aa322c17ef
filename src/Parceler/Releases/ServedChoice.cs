using Parceler.Snapshots;

namespace Parceler.Releases;

/// <summary>Which snapshot machines get, why, and how long.</summary>
/// <param name="Snapshot">The served snapshot; absent when there is none to serve.</param>
/// <param name="Reason">The rule that chose it.</param>
/// <param name="Text">The reason for people, without the name of the snapshot.</param>
/// <param name="Warning">What an operator has to know, in every listing; absent when all is well.</param>
/// <param name="Until">
/// When time alone changes this choice: it holds before this moment and not after it. Absent: it stays until something else happens.
/// At the very moment itself it holds when a snapshot leaves the window ("not older than N days"), and no more when a wait
/// after a gap ends ("until it is N days old"); look again just after it.
/// </param>
internal sealed record ServedChoice(SnapshotInstant? Snapshot, ServedReason Reason, string Text, string? Warning, DateTimeOffset? Until)
{
    /// <summary>This choice as the next one has to know it.</summary>
    public ServedUntilNow? Served => Snapshot is { } snapshot ? new(snapshot, Reason == ServedReason.Frozen) : null;
}
