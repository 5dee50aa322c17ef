namespace Parceler.Feeds;

/// <summary>Where a feed is in a tree.</summary>
/// <param name="Name">The folder that machines are pointed at, or "." for the whole tree; with the format it tells the feed for people.</param>
/// <param name="Root">What paths of packages are relative to: empty, or a folder with its '/'.</param>
/// <param name="Head">The file that machines read first; all else is named by it.</param>
internal sealed record FoundFeed(FeedFormat Format, string Name, string Root, string Head)
{
    /// <summary>Of the path of its head, which is as <see cref="FeedFinder"/> says.</summary>
    public static FoundFeed Of(FeedFormat format, string head)
    {
        var folder = FeedPath.FolderOf(head);
        var root = format switch
        {
            FeedFormat.Rpm => FeedPath.FolderOf(folder.TrimEnd('/')),
            FeedFormat.Apt => RootOfSuite(folder),
            _ => folder,
        };
        var name = (format == FeedFormat.Rpm ? root : folder).TrimEnd('/');
        return new(format, name.Length == 0 ? "." : name, root, head);
    }

    /// <summary>Tells the feed from others, also when another of its files becomes the head.</summary>
    public string Identity => Format == FeedFormat.Apk ? Head : $"{Format} {Folder}";

    /// <summary>Whether it is a suite of apt that stands beside its packages, not below dists/.</summary>
    public bool IsFlat => Format == FeedFormat.Apt && Root.Length == Folder.Length;

    /// <summary>The folder of the head, empty or with its '/'.</summary>
    public string Folder => FeedPath.FolderOf(Head);

    public override string ToString() => $"{Format.ToWord()} feed '{Name}'";

    // what stands before dists/; a flat repository is its own root
    private static string RootOfSuite(string folder)
    {
        var at = $"/{folder}".LastIndexOf(FeedPath.Suites, StringComparison.Ordinal);
        return at < 0 ? folder : folder[..at];
    }
}
