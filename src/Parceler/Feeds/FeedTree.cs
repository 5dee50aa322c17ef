using Parceler.Storage;

namespace Parceler.Feeds;

/// <summary>Digest and size in bytes of a file in a tree.</summary>
internal readonly record struct FeedFile(Digest Digest, long Size);

/// <summary>A tree in which feeds are looked at: that of a snapshot, or one of which only the indexes are there yet.</summary>
internal abstract class FeedTree
{
    /// <summary>The file at a path, or null.</summary>
    public abstract FeedFile? Find(string path);

    /// <summary>The bytes of a file that <see cref="Find"/> found.</summary>
    /// <exception cref="IOException">The storage is at fault, not the tree.</exception>
    public abstract Stream OpenRead(string path);
}
