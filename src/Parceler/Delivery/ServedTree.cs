using System.Collections.Frozen;
using Parceler.Snapshots;

namespace Parceler.Delivery;

/// <summary>A snapshot during one time in which it was served.</summary>
/// <param name="since">Since when: no two servings of a repository have the same.</param>
/// <param name="olderIndexes">Indexes that were served before with the same content, and since when.</param>
internal sealed class ServedTree(SnapshotTree tree, DateTimeOffset since, FrozenDictionary<string, DateTimeOffset> olderIndexes)
{
    private const long UsedEvery = 1_000; // ms; one value for all machines need not be written at each request
    private volatile bool _isOver;
    private long _lastUse;

    public SnapshotTree Tree => tree;

    public DateTimeOffset Since => since;

    public long SinceMilliseconds { get; } = since.ToUnixTimeMilliseconds();

    /// <summary>Withdrawn: no session goes on with it, and nothing of it has grace.</summary>
    public bool IsOver => _isOver;

    public void End() => _isOver = true;

    /// <summary>The last request of a session, or when it stopped being served; milliseconds of the Unix epoch.</summary>
    public long LastUse => Volatile.Read(ref _lastUse);

    public void Use(long now)
    {
        if (now - LastUse >= UsedEvery)
        {
            Volatile.Write(ref _lastUse, now);
        }
    }

    /// <summary>The file at a path; null when there is none.</summary>
    public DeliveredFile? Find(ReadOnlySpan<char> path) => tree.TryFind(path, out var file) ? new DeliveredFile(file, LastModifiedOf(file), tree.Instant) : null;

    // An index that goes back to an older state must look newer than what a machine has: it counts from its switch.
    public DateTimeOffset LastModifiedOf(TreeFile file) =>
        !file.IsIndex ? file.ModifiedAt
        : olderIndexes.TryGetValue(file.Path, out var before) ? before
        : since;
}

/// <summary>What a request gets: a file, since when it is that file at that path, and the snapshot that it comes from.</summary>
internal readonly record struct DeliveredFile(TreeFile File, DateTimeOffset LastModified, SnapshotInstant Snapshot);
