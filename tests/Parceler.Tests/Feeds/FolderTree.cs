using Parceler.Feeds;
using Parceler.Storage;

namespace Parceler.Tests.Feeds;

/// <summary>A folder as a tree of feeds; counts what is read of it.</summary>
internal sealed class FolderTree(string folder) : FeedTree
{
    private readonly Lock _lock = new();

    public List<string> Reads { get; } = [];

    public IEnumerable<string> Paths => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal);

    public override FeedFile? Find(string path) =>
        File.Exists(Path.Combine(folder, path)) ? new(Digest.Of(File.ReadAllBytes(Path.Combine(folder, path))), new FileInfo(Path.Combine(folder, path)).Length) : null;

    public override Stream OpenRead(string path)
    {
        lock (_lock)
        {
            Reads.Add(path);
        }

        return File.OpenRead(Path.Combine(folder, path));
    }

    /// <summary>The readings of all feeds that are found.</summary>
    public List<FeedReading> ReadAll() => [.. FeedFinder.Find(Paths).Select(found => FeedReader.Default.Read(found, this, TestContext.Current.CancellationToken)).Where(reading => reading.IsFeed)];
}
