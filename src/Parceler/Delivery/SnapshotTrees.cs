using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.Delivery;

/// <summary>Loads the trees of snapshots, and keeps the last ones, so that a step back and forth reads no manifest.</summary>
internal sealed class SnapshotTrees(ManifestStore manifests)
{
    private const int MostFiles = 200_000;
    private readonly LinkedList<SnapshotTree> _recent = [];

    /// <summary>The tree of a snapshot; null when it has no manifest any more. Not to be called twice at once.</summary>
    /// <exception cref="CorruptManifestException"/>
    public async Task<SnapshotTree?> LoadAsync(Repository repository, SnapshotInstant instant, CancellationToken cancellation)
    {
        if (_recent.FirstOrDefault(tree => tree.RepositoryId == repository.Id && tree.Instant == instant) is { } known)
        {
            _recent.Remove(known);
            _recent.AddFirst(known);
            return known;
        }

        if (await manifests.ReadAnyAsync(repository.Name.ToString(), instant, cancellation) is not { } manifest)
        {
            return null;
        }

        var loaded = new SnapshotTree(manifest, _recent.FirstOrDefault(tree => tree.RepositoryId == repository.Id));
        _recent.AddFirst(loaded);
        return loaded;
    }

    /// <summary>Lets the trees go that were used least recently, beyond the memory that is meant for them.</summary>
    public void Forget()
    {
        long files = 0;
        for (var node = _recent.First; node is not null;)
        {
            var next = node.Next;
            files += node.Value.Count;
            if (files > MostFiles)
            {
                _recent.Remove(node);
            }

            node = next;
        }
    }
}
