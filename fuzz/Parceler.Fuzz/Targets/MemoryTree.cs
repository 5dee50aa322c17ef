using Parceler.Feeds;
using Parceler.Storage;

namespace Parceler.Fuzz.Targets;

/// <summary>A tree of a few files in memory.</summary>
internal sealed class MemoryTree(Dictionary<string, byte[]> files) : FeedTree
{
    public IEnumerable<string> Paths => files.Keys;

    public override FeedFile? Find(string path) => files.TryGetValue(path, out var content) ? new(Digest.Of(content), content.Length) : null;

    public override Stream OpenRead(string path) => new MemoryStream(files[path]);
}
