using Parceler.Snapshots;

namespace Parceler.Imports;

/// <summary>What became of a folder or a repository.</summary>
internal enum ImportState
{
    /// <summary>It was taken over.</summary>
    Taken,

    /// <summary>It is here since an earlier run.</summary>
    There,

    /// <summary>It would be taken over: nothing is changed now.</summary>
    Would,

    /// <summary>It is nothing to take over, and the replaced program made nothing of it either.</summary>
    PassedOver,

    /// <summary>It should be here and is not.</summary>
    LeftOut,
}

/// <summary>One folder of <c>snapshots/NAME</c>.</summary>
/// <param name="Reason">Why it was not taken over.</param>
internal sealed record ImportedSnapshot(string Folder, SnapshotInstant? Instant, ImportState State, long Files, long Bytes, long NewBytes, string? Reason)
{
    /// <summary>What an operator should know of it all the same.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    public static ImportedSnapshot Not(string folder, SnapshotInstant? instant, ImportState state, string reason, FolderSize size = default) =>
        new(folder, instant, state, size.Files, size.Bytes, 0, reason);
}

/// <summary>One repository of the replaced program.</summary>
/// <param name="ServedThere">The folder that the replaced program serves now; null: machines get 404.</param>
/// <param name="ServedHere">The snapshot that machines get from Parceler.</param>
internal sealed record ImportedRepository(string Name, ImportState State, string? Reason, IReadOnlyList<ImportedSnapshot> Snapshots, string? ServedThere, SnapshotInstant? ServedHere, string? ServedReason)
{
    public IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>Whether machines get the same from both.</summary>
    public bool ServesTheSame => (ServedThere is null ? null : Snapshots.FirstOrDefault(snapshot => snapshot.Folder == ServedThere)?.Instant) == ServedHere;

    public static ImportedRepository Refused(string name, string reason) => new(name, ImportState.LeftOut, reason, [], null, null, null);
}

/// <summary>What an import did, or would do.</summary>
internal sealed record ImportReport(IReadOnlyList<ImportedRepository> Repositories, IReadOnlyList<string> Remarks)
{
    public bool IsWhole => Repositories.All(repository => repository.State != ImportState.LeftOut && repository.Snapshots.All(snapshot => snapshot.State != ImportState.LeftOut));
}
