namespace Parceler.Feeds;

/// <summary>How a package of one feed is another one in a later state of it.</summary>
internal enum PackageChangeKind
{
    Added,
    Removed,
    Upgraded,
    Downgraded,

    /// <summary>The same version with other bytes.</summary>
    Rebuilt,
}

/// <summary>One package that differs between two states of a feed.</summary>
/// <param name="IsSecurity">Whether machines that take it get a security fix that they had not.</param>
internal sealed record PackageChange(PackageChangeKind Kind, FoundFeed Feed, FeedPackage? Before, FeedPackage? After, bool IsSecurity = false)
{
    public string Name => (After ?? Before)!.Name;

    public string Architecture => (After ?? Before)!.Architecture;
}
