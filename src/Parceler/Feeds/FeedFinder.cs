namespace Parceler.Feeds;

/// <summary>
/// Finds the feeds of a tree by its paths alone. A head is, for opkg, Packages.gz or Packages; for apk any .adb; for apk 2 APKINDEX.tar.gz; for
/// apt InRelease or Release in a folder below dists/, or beside Packages; for rpm repodata/repomd.xml.
/// </summary>
internal sealed class FeedFinder
{
    private readonly Dictionary<string, string> _packages = new(StringComparer.Ordinal); // by folder
    private readonly Dictionary<string, string> _releases = new(StringComparer.Ordinal);
    private readonly HashSet<string> _indexed = new(StringComparer.Ordinal); // folders with Packages, however packed
    private readonly List<FoundFeed> _feeds = [];

    private FeedFinder()
    {
    }

    /// <summary>The feeds in the order of their names. Whether an .adb is an index is told by reading it only.</summary>
    public static List<FoundFeed> Find(IEnumerable<string> paths)
    {
        var finder = new FeedFinder();
        foreach (var path in paths)
        {
            finder.Take(path);
        }

        finder.AddSuites();
        finder.AddOpkg();
        finder._feeds.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name) is not 0 and var order ? order : string.CompareOrdinal(a.Head, b.Head));
        return finder._feeds;
    }

    private void Take(string path)
    {
        var name = FeedPath.NameOf(path);
        if (name.StartsWith("Packages"))
        {
            TakePackages(path, name);
        }
        else if (name is "InRelease" || (name is "Release" && !_releases.ContainsKey(FeedPath.FolderOf(path))))
        {
            _releases[FeedPath.FolderOf(path)] = path;
        }
        else if (name is "repomd.xml" && FeedPath.NameOf(FeedPath.FolderOf(path).TrimEnd('/')) is "repodata")
        {
            _feeds.Add(FoundFeed.Of(FeedFormat.Rpm, path));
        }
        else if (name is "APKINDEX.tar.gz")
        {
            _feeds.Add(FoundFeed.Of(FeedFormat.Apk2, path));
        }

        if (name.EndsWith(".adb") && name.Length > ".adb".Length)
        {
            _feeds.Add(FoundFeed.Of(FeedFormat.Apk, path));
        }
    }

    private void TakePackages(string path, ReadOnlySpan<char> name)
    {
        if (name is "Packages.gz" || (name is "Packages" && !_packages.ContainsKey(FeedPath.FolderOf(path))))
        {
            _packages[FeedPath.FolderOf(path)] = path;
        }

        if (name is "Packages" or "Packages.gz" or "Packages.xz" or "Packages.zst")
        {
            _indexed.Add(FeedPath.FolderOf(path));
        }
    }

    // Debian has a Release in the folders of components too, which tells nothing
    private void AddSuites()
    {
        var suites = _releases.Where(release => IsBelowSuites(release.Key) || _indexed.Contains(release.Key)).ToDictionary(StringComparer.Ordinal);
        _feeds.AddRange(suites.Where(suite => !AboveOf(suite.Key).Any(suites.ContainsKey)).Select(suite => FoundFeed.Of(FeedFormat.Apt, suite.Value)));
    }

    private void AddOpkg() =>
        _feeds.AddRange(_packages
            .Where(feed => !IsBelowSuites(feed.Key) && !_releases.ContainsKey(feed.Key))
            .Select(feed => FoundFeed.Of(FeedFormat.Opkg, feed.Value)));

    private static bool IsBelowSuites(string folder)
    {
        var at = $"/{folder}".IndexOf(FeedPath.Suites, StringComparison.Ordinal);
        return at >= 0 && folder.Length > at + FeedPath.Suites.Length - 1;
    }

    private static IEnumerable<string> AboveOf(string folder)
    {
        for (var at = folder.TrimEnd('/').LastIndexOf('/'); at >= 0; at = at == 0 ? -1 : folder.LastIndexOf('/', at - 1))
        {
            yield return folder[..(at + 1)];
        }
    }
}
