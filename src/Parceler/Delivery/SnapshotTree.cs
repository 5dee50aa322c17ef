using System.Diagnostics.CodeAnalysis;
using Parceler.Snapshots;

namespace Parceler.Delivery;

/// <summary>The files of one snapshot in memory, by path.</summary>
internal sealed class SnapshotTree
{
    private readonly Dictionary<string, TreeFile> _files;
    private readonly Dictionary<string, TreeFile>.AlternateLookup<ReadOnlySpan<char>> _byPath;

    public SnapshotTree(Manifest manifest)
    {
        Instant = manifest.Header.Instant;
        RepositoryId = manifest.Header.RepositoryId;
        _files = new(manifest.Files.Count, StringComparer.Ordinal);
        foreach (var file in manifest.Files)
        {
            _files.Add(file.Path, new(file.Path, file.Digest, file.Size, file.ModifiedUnixSeconds));
        }

        _byPath = _files.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public SnapshotInstant Instant { get; }

    public string RepositoryId { get; }

    public int Count => _files.Count;

    public bool TryFind(ReadOnlySpan<char> path, [NotNullWhen(true)] out TreeFile? file) => _byPath.TryGetValue(path, out file);
}
