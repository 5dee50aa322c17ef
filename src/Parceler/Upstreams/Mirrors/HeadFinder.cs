using Parceler.Feeds;
using Parceler.Formats.Opkg;
using Parceler.Repositories;

namespace Parceler.Upstreams.Mirrors;

/// <summary>What an upstream consists of: its feeds, and lists of sums that name further files. Their heads are in the tree.</summary>
internal sealed record FoundHeads(IReadOnlyList<FoundFeed> Feeds, IReadOnlyList<string> Sums)
{
    public IEnumerable<string> Owners => Feeds.Select(feed => feed.Head).Concat(Sums);
}

/// <summary>
/// Finds the feeds of an upstream: where the settings say, at its root, else by its sha256sums or its listing pages.
/// </summary>
internal sealed class HeadFinder(MirrorRun run, MirrorTree tree)
{
    public const string Sums = "sha256sums";
    private static readonly string[] s_sumsCompanions = ["sha256sums.asc", "sha256sums.sig"];

    private MirrorSettings Settings => run.Request.Settings;

    public FoundHeads Find(CancellationToken cancellation)
    {
        var found = Settings.Kind == MirrorKind.Apt ? FindSuites(cancellation) : FindAgain(cancellation) ?? Probe(cancellation) ?? FindBySums(cancellation) ?? FindByListing(cancellation);
        return found.Feeds.Count > 0 ? found : throw new MirrorException(
            $"{run.Address.Root} has no {MirrorSettings.Name(Settings.Kind)} feed{(Settings.Architectures.Count > 0 ? $" of {string.Join(", ", Settings.Architectures)}" : "")}: check the address of the upstream");
    }

    private FoundHeads FindSuites(CancellationToken cancellation)
    {
        var inline = Settings.Suites.Select(suite => $"{MirrorSettings.FolderOf(suite)}InRelease").ToList();
        var absent = tree.FetchHeads([.. inline.Select(path => new HeadFile(path, path, IsOptional: false))], cancellation);
        var plain = absent.Select(head => $"{FeedPath.FolderOf(head.Path)}Release").ToList();
        var missing = tree.FetchHeads([.. plain.SelectMany(path => new HeadFile[] { new(path, path, false), new($"{path}.gpg", path, true) })], cancellation);
        return missing.Count > 0
            ? throw new MirrorException($"{run.Address.Of(missing[0].Path)} is not there, nor is its InRelease: check the address of the upstream, and --suite")
            : new([.. inline.Where(tree.Has).Concat(plain).Select(path => FoundFeed.Of(FeedFormat.Apt, path))], []);
    }

    // A feed at the root, or one in the folder of each architecture.
    private FoundHeads? Probe(CancellationToken cancellation)
    {
        foreach (var folders in new[] { new[] { "" }, [.. Settings.Architectures.Select(name => $"{name}/")] })
        {
            foreach (var name in HeadNames())
            {
                tree.FetchHeads([.. folders.Select(folder => new HeadFile(folder + name, folder + name, IsOptional: true))], cancellation);
                var there = folders.Select(folder => folder + name).Where(tree.Has).ToList();
                if (there.Count > 0 && there.Count == folders.Length)
                {
                    return WithCompanions([.. there.Select(path => FoundFeed.Of(FormatOf(path), path))], [], null, cancellation);
                }
            }
        }

        return null;
    }

    private FoundHeads? FindBySums(CancellationToken cancellation)
    {
        tree.FetchHeads([new(Sums, Sums, IsOptional: true)], cancellation);
        return tree.Has(Sums) ? Among(SumsFile.Read(run, tree, Sums, _ => true).Select(file => file.Path).ToHashSet(StringComparer.Ordinal), [Sums], cancellation) : null;
    }

    private FoundHeads FindByListing(CancellationToken cancellation)
    {
        var crawl = new Crawl(run);
        var paths = crawl.Run(cancellation).Keys.ToHashSet(StringComparer.Ordinal);
        return Among(paths, SumsAmong(paths), cancellation, crawl.Parents.ToHashSet(StringComparer.Ordinal));
    }

    // The long pages are those of folders full of packages. What they would tell is known: only the others are listed for new feeds.
    private FoundHeads? FindAgain(CancellationToken cancellation)
    {
        var known = tree.HeadsInLeaves.Select(head => FoundFeed.Of(FormatOf(head), head)).ToList();
        if (known.Count == 0)
        {
            return null;
        }

        try
        {
            var crawl = new Crawl(run, known.Select(feed => feed.Folder).ToHashSet(StringComparer.Ordinal));
            var paths = crawl.Run(cancellation).Keys.Concat(known.SelectMany(feed => Companions(feed).Select(name => feed.Folder + name).Prepend(feed.Head))).ToHashSet(StringComparer.Ordinal);
            return Among(paths, SumsAmong(paths), cancellation, crawl.Parents.ToHashSet(StringComparer.Ordinal));
        }
        catch (MirrorException)
        {
            return null; // one is gone, or there are lists no more: it is found as at first
        }
    }

    private List<string> SumsAmong(IEnumerable<string> paths) => Settings.Kind == MirrorKind.Opkg ? [.. paths.Where(path => FeedPath.NameOf(path) is Sums)] : [];

    /// <param name="parents">Folders that hold folders; null where that was not seen.</param>
    private FoundHeads Among(HashSet<string> paths, IReadOnlyList<string> sums, CancellationToken cancellation, HashSet<string>? parents = null)
    {
        var feeds = FeedFinder.Find(paths).FindAll(feed => MirrorKindOf(feed.Format) == Settings.Kind && IsOfArchitecture(feed));
        var heads = feeds.Select(feed => new HeadFile(feed.Head, feed.Head, IsOptional: false) { IsInLeaf = parents?.Contains(feed.Folder) == false });
        tree.FetchHeads([.. heads, .. sums.Select(path => new HeadFile(path, path, IsOptional: false))], cancellation)
            .ForEach(head => throw new UnsettledException($"'{head.Path}' is listed, and is not there"));
        return WithCompanions(feeds, sums, paths, cancellation);
    }

    private FoundHeads WithCompanions(IReadOnlyList<FoundFeed> feeds, IReadOnlyList<string> sums, HashSet<string>? listed, CancellationToken cancellation)
    {
        var heads = feeds.SelectMany(feed => Companions(feed).Select(name => new HeadFile(feed.Folder + name, feed.Head, IsOptional: true)))
            .Concat(sums.SelectMany(path => s_sumsCompanions.Select(name => new HeadFile(FeedPath.FolderOf(path) + name, path, IsOptional: true))))
            .Where(head => !tree.Has(head.Path) && listed?.Contains(head.Path) != false || (head.Path.StartsWith(Sums, StringComparison.Ordinal) && !tree.Has(head.Path)))
            .DistinctBy(head => head.Path);
        tree.FetchHeads([.. heads], cancellation);
        return new(feeds, sums);
    }

    // Packages of an architecture stand in a folder of its name; an index can't be cut down, it is signed.
    private bool IsOfArchitecture(FoundFeed feed) =>
        Settings.Architectures.Count == 0 || feed.Folder.Length == 0 || feed.Folder.Split('/').Any(part => part is "noarch" or "all" || Settings.Architectures.Contains(part));

    private string[] HeadNames() => Settings.Kind switch
    {
        MirrorKind.Opkg => ["Packages.gz", "Packages"],
        MirrorKind.Apk => ["packages.adb", "Packages.adb", "APKINDEX.tar.gz"],
        _ => ["repodata/repomd.xml"],
    };

    private static string[] Companions(FoundFeed feed) => feed.Format switch
    {
        FeedFormat.Opkg => ["Packages", "Packages.sig", "Packages.manifest", "index.json"],
        FeedFormat.Rpm => ["repomd.xml.asc", "repomd.xml.key"],
        FeedFormat.Apk => ["index.json"],
        _ => [],
    };

    private static FeedFormat FormatOf(string head) =>
        head.EndsWith("repomd.xml", StringComparison.Ordinal) ? FeedFormat.Rpm
        : head.EndsWith(".adb", StringComparison.Ordinal) ? FeedFormat.Apk
        : head.EndsWith("APKINDEX.tar.gz", StringComparison.Ordinal) ? FeedFormat.Apk2
        : FeedFormat.Opkg;

    private static MirrorKind MirrorKindOf(FeedFormat format) => format switch
    {
        FeedFormat.Opkg => MirrorKind.Opkg,
        FeedFormat.Apt => MirrorKind.Apt,
        FeedFormat.Rpm => MirrorKind.Rpm,
        _ => MirrorKind.Apk,
    };
}

/// <summary>Reads a sha256sums of the tree.</summary>
internal static class SumsFile
{
    private const int MostFiles = 2_000_000;

    /// <summary>The files that it names, as far as they are wanted: mostly it names a whole tree again.</summary>
    /// <exception cref="UnsettledException">It is damaged.</exception>
    public static List<TreeFile> Read(MirrorRun run, MirrorTree tree, string path, Func<TreeFile, bool> isWanted)
    {
        var folder = FeedPath.FolderOf(path);
        try
        {
            using var content = run.Intake.OpenRead(tree.Copies[path].Digest);
            var files = Sha256Sums.Read(content)
                .Select(line => new TreeFile(FeedPath.Below(folder, line.Path), null, new(FeedHashKind.Sha256, line.Hash), path))
                .Where(file => file.Path != path && isWanted(file))
                .Take(MostFiles + 1)
                .ToList();
            return files.Count <= MostFiles ? files : throw new MirrorException($"'{path}' names more than {MostFiles} files");
        }
        catch (InvalidDataException e)
        {
            throw new UnsettledException($"'{path}' can't be read: {e.Message}");
        }
    }
}
