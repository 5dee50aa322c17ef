using Parceler.Feeds;
using Parceler.Repositories;
using Parceler.Storage;

namespace Parceler.Snapshots;

/// <summary>The tree of a manifest, with its blobs.</summary>
internal sealed class ManifestTree(IReadOnlyList<SnapshotFile> files, BlobStore blobs) : FeedTree
{
    public override FeedFile? Find(string path) => IndexOf(path) is >= 0 and var at ? new(files[at].Digest, files[at].Size) : null;

    public override Stream OpenRead(string path) => blobs.OpenRead(files[IndexOf(path)].Digest);

    // files are sorted
    private int IndexOf(string path)
    {
        var (low, high) = (0, files.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = string.CompareOrdinal(files[middle].Path, path);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }
}

/// <summary>The packages of one snapshot, feed by feed, read when they are asked for.</summary>
internal sealed class SnapshotPackages(Manifest manifest, BlobStore blobs, FeedCache cache)
{
    public SnapshotInstant Instant => manifest.Header.Instant;

    public IReadOnlyList<SnapshotFile> Files => manifest.Files;

    public FeedTree Tree { get; } = new ManifestTree(manifest.Files, blobs);

    /// <summary>In the order of their names; those that the snapshot remembers, or that look like feeds.</summary>
    public IReadOnlyList<FoundFeed> Feeds => field ??= FeedFinder.Find(manifest.Files.Select(file => file.Path)).FindAll(IsFeed);

    private bool IsFeed(FoundFeed found) => manifest.Header.Feeds.Any(feed => feed.Head == found.Head) || FeedSniff.LooksLikeFeed(found, Tree);

    public FeedReading Read(FoundFeed found, CancellationToken cancellation) => cache.Read(found, Tree, cancellation);
}

/// <summary>Opens snapshots to look at their packages.</summary>
internal sealed class OpenPackages(ManifestStore manifests, BlobStore blobs)
{
    private const int MostPackages = 500_000;

    public FeedCache Cache { get; } = new(FeedReader.Default, MostPackages);

    /// <exception cref="RefusedException">Its manifest is gone.</exception>
    /// <exception cref="CorruptManifestException"/>
    public async Task<SnapshotPackages> OpenAsync(RepositoryName name, SnapshotInstant instant, CancellationToken cancellation) =>
        new(
            await manifests.ReadAsync(name.ToString(), instant, cancellation)
                ?? throw new RefusedException($"The manifest of snapshot {instant} of '{name}' is gone from the storage"),
            blobs,
            Cache
        );
}
