using System.Diagnostics.CodeAnalysis;
using Parceler.Feeds;
using Parceler.Snapshots;

namespace Parceler.Delivery;

/// <summary>The files of one snapshot in memory, by path.</summary>
internal sealed class SnapshotTree
{
    private readonly Dictionary<string, TreeFile> _files;
    private readonly Dictionary<string, TreeFile>.AlternateLookup<ReadOnlySpan<char>> _byPath;

    /// <param name="alike">A tree of the same repository: what is the same in both is kept once.</param>
    public SnapshotTree(Manifest manifest, SnapshotTree? alike = null)
    {
        Instant = manifest.Header.Instant;
        RepositoryId = manifest.Header.RepositoryId;
        HasFlatSuite = manifest.Header.Pinned ? FeedFinder.Find(manifest.Files.Select(file => file.Path)).Exists(feed => feed.IsFlat) // no feeds are on record of it
            : manifest.Header.Feeds.Any(feed => feed.ToFound().IsFlat);
        _files = new(manifest.Files.Count, StringComparer.Ordinal);
        foreach (var file in manifest.Files)
        {
            var made = Shared(file, alike);
            _files.Add(made.Path, made);
        }

        _byPath = _files.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public SnapshotInstant Instant { get; }

    public string RepositoryId { get; }

    public int Count => _files.Count;

    /// <summary>Whether a suite of apt stands beside its packages: its machines write '.' into paths.</summary>
    public bool HasFlatSuite { get; }

    public IEnumerable<TreeFile> Files => _files.Values;

    public bool TryFind(ReadOnlySpan<char> path, [NotNullWhen(true)] out TreeFile? file) => _byPath.TryGetValue(path, out file);

    private static TreeFile Shared(SnapshotFile file, SnapshotTree? alike) =>
        alike is null || !alike.TryFind(file.Path, out var known) ? new(file.Path, file.Digest, file.Size, file.ModifiedUnixSeconds)
        : known.IsAs(file.Digest, file.Size, file.ModifiedUnixSeconds) ? known
        : new(known.Path, file.Digest, file.Size, file.ModifiedUnixSeconds);
}
