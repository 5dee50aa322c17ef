namespace Parceler.Feeds;

/// <summary>A file of indexes that the head of a feed names.</summary>
/// <param name="Type">What it is in the words of its format: <c>primary</c> of rpm, <c>main/binary-amd64/Packages.xz</c> of apt.</param>
/// <param name="Path">In the tree.</param>
/// <param name="Size">In bytes, or null where the head names none.</param>
/// <param name="ByHashPath">A second place where machines look for it first, or null.</param>
/// <param name="IsNeeded">Whether machines need it; apt's heads name much that a mirror need not have.</param>
internal sealed record FeedIndex(string Type, string Path, long? Size, FeedHash Hash, string? ByHashPath, bool IsNeeded);

/// <summary>What the head of a feed says.</summary>
/// <param name="Signatures">The files in the tree that sign it; none where the signature is inside, as in apk.</param>
/// <param name="SignedAt">When upstream made it; null where the format does not tell.</param>
/// <param name="ValidUntil">After this, machines refuse it.</param>
/// <param name="SecurityClass">Whether all packages are security fixes, as in the suites of Debian that are named so.</param>
internal sealed record FeedHead(
    FoundFeed Found,
    IReadOnlyList<string> Signatures,
    DateTimeOffset? SignedAt,
    DateTimeOffset? ValidUntil,
    IReadOnlyList<FeedIndex> Indexes,
    bool SecurityClass = false
);

/// <summary>A package as an index names it.</summary>
/// <param name="Path">In the tree.</param>
/// <param name="Size">In bytes, or null where the index names none.</param>
/// <param name="FixedIn">The newest version up to this one that fixes a security hole, or null.</param>
internal sealed record FeedPackage(string Name, string Version, string Architecture, string Path, long? Size, FeedHash Hash, string? FixedIn = null);

/// <summary>A feed: indexes and packages that one program of machines reads together, whatever the format.</summary>
/// <param name="Remarks">What an operator should know of it, though it is no fault.</param>
internal sealed record Feed(FeedHead Head, IReadOnlyList<FeedPackage> Packages, IReadOnlyList<string> Remarks)
{
    public FoundFeed Found => Head.Found;

    public FeedFormat Format => Found.Format;
}

/// <summary>What is wrong with a feed, so that it must not be served.</summary>
/// <param name="Package">Name and version of the package that it is about, or null.</param>
/// <param name="MayWait">Whether it may be gone in a while, since upstream is still being written.</param>
internal sealed record FeedFault(FoundFeed Feed, string? Package, string Reason, bool MayWait)
{
    public override string ToString() => Package is null ? $"{Feed}: {Reason}" : $"{Feed}: {Package}: {Reason}";
}

/// <summary>What came of reading a feed.</summary>
/// <param name="Head">Null when the head can't be read.</param>
/// <param name="Feed">Null when an index can't be read.</param>
/// <param name="Fault">Why not; null when all is well, and when the head turned out to be of no feed.</param>
/// <param name="Used">What was looked at: the same files give the same reading.</param>
internal sealed record FeedReading(FoundFeed Found, FeedHead? Head, Feed? Feed, FeedFault? Fault, IReadOnlyDictionary<string, FeedFile?> Used)
{
    public bool IsFeed => Feed is not null || Fault is not null;

    /// <summary>Whether reading that tree would give the same.</summary>
    public bool IsAsIn(FeedTree tree) => Used.All(used => tree.Find(used.Key) == used.Value);
}
