using Parceler.Feeds;
using Parceler.Storage;

namespace Parceler.Upstreams.Mirrors;

/// <summary>A file of the tree that a mirror has brought in; its blob is in the store.</summary>
internal readonly record struct MirroredFile(string Path, Digest Digest, long Size, long ModifiedUnixSeconds);

/// <summary>What is known of a file that was taken once.</summary>
/// <param name="Modified">Unix seconds: what upstream said, else when it was taken.</param>
/// <param name="Tag">Its entity tag; null where upstream sent none, empty where it can't be asked by condition.</param>
/// <param name="Note">What named it, as far as that is no SHA-256: another hash, or the line of a listing; of a head <see cref="InLeaf"/>, or nothing.</param>
/// <param name="Owner">The head of the feed that it belongs to; empty where there are no feeds.</param>
/// <param name="IsHead">Whether it is one of the files that tell whether anything has changed.</param>
internal readonly record struct KnownCopy(Digest Digest, long Size, long Modified, string? Tag, string? Note, string Owner, bool IsHead)
{
    /// <summary>The note of a head whose feed stands in a folder without folders: that one need not be listed to find further feeds.</summary>
    public const string InLeaf = "leaf";

    public Validator Version => Tag is "" ? default : new(Tag, Modified);

    public FeedFile File => new(Digest, Size);
}

/// <summary>One of the files of a feed that are read first, and again at the end.</summary>
/// <param name="Owner">The head of the feed.</param>
internal readonly record struct HeadFile(string Path, string Owner, bool IsOptional)
{
    /// <summary>Whether the folder of the feed has no folders, as far as its listing says.</summary>
    public bool IsInLeaf { get; init; }
}

/// <summary>A file that an index or a listing names.</summary>
/// <param name="Owner">The head of the feed, for messages too.</param>
internal readonly record struct TreeFile(string Path, long? Size, FeedHash Hash, string Owner)
{
    /// <summary>A second place of it, where it is asked for first and stands in the tree as well.</summary>
    public string? AlsoAt { get; init; }

    /// <summary>Whether it may be missing.</summary>
    public bool IsOptional { get; init; }

    /// <summary>The line of the listing, where there is no hash.</summary>
    public string? Row { get; init; }

    /// <summary>Whether it is certainly the one that was taken when it had the same row.</summary>
    public bool IsSettled { get; init; }

    public string? Note => Row ?? (Hash.Kind is FeedHashKind.None or FeedHashKind.Sha256 ? null : Hash.Text);
}
