using Parceler.Feeds;
using Parceler.Formats.Apt;
using Parceler.Repositories;

namespace Parceler.Upstreams.Mirrors;

/// <summary>Takes the whole tree of an upstream once.</summary>
internal sealed class MirrorTake(MirrorRun run, Dictionary<string, KnownCopy> memory)
{
    private readonly MirrorTree _tree = new(run, memory);

    /// <exception cref="UnsettledException">Upstream does not agree with itself, or changed meanwhile.</exception>
    public MirrorTree Run(CancellationToken cancellation)
    {
        if (run.Request.Settings.Kind == MirrorKind.Http)
        {
            new PlainTree(run, _tree).Take(cancellation);
        }
        else
        {
            TakeFeeds(cancellation);
        }

        return _tree;
    }

    private void TakeFeeds(CancellationToken cancellation)
    {
        var found = new HeadFinder(run, _tree).Find(cancellation);
        var unchanged = found.Owners.Where(_tree.IsUnchanged).ToHashSet(StringComparer.Ordinal);
        _tree.Reuse(unchanged);
        foreach (var feed in found.Feeds.Where(feed => !unchanged.Contains(feed.Head)))
        {
            TakeFeed(feed, cancellation);
        }

        foreach (var sums in found.Sums.Where(path => !unchanged.Contains(path)))
        {
            _tree.Fetch(SumsFile.Read(run, _tree, sums, file => !_tree.IsThere(file)), cancellation);
        }

        if (_tree.HasNews && _tree.FindChanged(cancellation) is { } changed)
        {
            throw new UnsettledException($"'{changed}' changed meanwhile");
        }
    }

    private void TakeFeed(FoundFeed found, CancellationToken cancellation)
    {
        var tree = _tree.ToFeedTree();
        var head = Good(FeedReader.Default.ReadHead(found, tree, cancellation)).Head!;
        Verify(head, tree, cancellation);
        var indexes = new IndexChoice(run.Request.Settings).Of(head, found.Format == FeedFormat.Apt ? ReleaseOf(found) : null);
        _tree.Fetch([.. indexes], cancellation);
        RequireForms(found, indexes);
        if (Good(run.Request.Feeds.Read(found, tree, cancellation)).Feed is { } feed)
        {
            run.Request.Line($"{found}: {feed.Packages.Count} packages");
            _tree.Fetch([.. feed.Packages.Select(package => new TreeFile(package.Path, package.Size, package.Hash, found.Head))], cancellation);
        }
    }

    // Before anything that the head names is asked for. A signature that is missing may still come; one that does not fit may be of
    // the version before or after, which the heads tell.
    private void Verify(FeedHead head, FeedTree tree, CancellationToken cancellation)
    {
        var signature = new VerifyFeed(tree, run.Keys, DateTimeOffset.FromUnixTimeSeconds(run.Now)).Run(head, cancellation);
        if (signature.Refusal is not { } refusal)
        {
            return;
        }

        if (!run.IsStrict)
        {
            run.Request.Line($"warning: {head.Found}: {refusal}");
            return;
        }

        throw signature.IsMissing || _tree.FindChanged(cancellation) is not null ? new UnsettledException($"{head.Found}: {refusal}") : new MirrorException($"{head.Found}: {refusal}");
    }

    // Of each index of packages that was chosen, one form has to be there.
    private void RequireForms(FoundFeed found, List<TreeFile> indexes)
    {
        if (found.Format == FeedFormat.Apt)
        {
            var packages = indexes.Where(file => FeedPath.NameOf(file.Path).StartsWith("Packages")).GroupBy(file => Path.ChangeExtension(file.Path, null), StringComparer.Ordinal).ToList();
            if (packages.Count == 0)
            {
                throw new MirrorException($"{found} has none of the components and architectures that are asked for: check --component and --arch");
            }

            if (packages.Find(forms => !forms.Any(file => _tree.Has(file.Path))) is { } missing)
            {
                throw new UnsettledException($"'{missing.First().Path}', named by '{found.Head}': upstream does not have it");
            }
        }
    }

    private AptRelease ReleaseOf(FoundFeed found)
    {
        using var content = run.Intake.OpenRead(_tree.Copies[found.Head].Digest);
        return AptFeedReader.Parse(FeedFiles.ReadWhole(content, FeedLimits.Default.Whole), AptFeedReader.IsInline(found.Head));
    }

    private static FeedReading Good(FeedReading reading) =>
        reading.Fault is not { } fault ? reading
        : fault.MayWait ? throw new UnsettledException(fault.ToString())
        : throw new MirrorException(fault.ToString());
}
