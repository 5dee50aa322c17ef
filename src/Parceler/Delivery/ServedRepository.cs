namespace Parceler.Delivery;

/// <summary>A repository as machines see it now.</summary>
/// <param name="Tree">The served snapshot; null while there is none.</param>
/// <param name="ServedSince">Since when it is served.</param>
internal sealed record ServedRepository(string Name, SnapshotTree? Tree, DateTimeOffset ServedSince)
{
    /// <summary>The file at a path; null when there is none.</summary>
    public DeliveredFile? Find(ReadOnlySpan<char> path) =>
        TreeFor() is { } tree && tree.TryFind(path, out var file) ? new DeliveredFile(file, LastModifiedOf(file)) : null;

    // One tree for every machine. A lease chooses another one here: the tree of its session, and behind it what is in grace.
    private SnapshotTree? TreeFor() => Tree;

    // An index that goes back to an older state must look newer than what a machine has: it counts from its switch.
    private DateTimeOffset LastModifiedOf(TreeFile file) => file.IsIndex ? ServedSince : file.ModifiedAt;
}

/// <summary>What a request gets: a file, and since when it is that file at that path.</summary>
internal readonly record struct DeliveredFile(TreeFile File, DateTimeOffset LastModified);
