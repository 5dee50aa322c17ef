using Parceler.Feeds;

namespace Parceler.Upstreams.Mirrors;

/// <summary>Takes a tree without indexes: by the sha256sums at its root, which then proves each byte, else by its listing pages.</summary>
internal sealed class PlainTree(MirrorRun run, MirrorTree tree)
{
    private static readonly string[] s_signatures = ["sha256sums.asc", "sha256sums.sig"];

    public void Take(CancellationToken cancellation)
    {
        const string sums = HeadFinder.Sums;
        tree.FetchHeads([new(sums, sums, IsOptional: true)], cancellation);
        if (tree.Has(sums))
        {
            TakeBySums(sums, cancellation);
        }
        else
        {
            TakeByListing(cancellation);
        }
    }

    private void TakeBySums(string sums, CancellationToken cancellation)
    {
        tree.FetchHeads([.. s_signatures.Select(name => new HeadFile(name, sums, IsOptional: true))], cancellation);
        if (tree.IsUnchanged(sums))
        {
            tree.Reuse(new HashSet<string>([sums], StringComparer.Ordinal));
            return;
        }

        tree.Fetch(SumsFile.Read(run, tree, sums, _ => true), cancellation);
        if (tree.FindChanged(cancellation) is { } changed)
        {
            throw new UnsettledException($"'{changed}' changed meanwhile");
        }
    }

    private void TakeByListing(CancellationToken cancellation)
    {
        var listed = new Crawl(run).Run(cancellation);
        var now = DateTimeOffset.FromUnixTimeSeconds(run.Now);
        tree.Fetch([.. listed.Select(file => new TreeFile(file.Key, null, default, "") { Row = file.Value, IsSettled = Listing.IsSettled(file.Value, now) })], cancellation);
        if (tree.HasNews && FindChanged(listed, new Crawl(run).Run(cancellation)) is { } changed)
        {
            throw new UnsettledException($"'{FeedPath.Shown(changed)}' changed meanwhile");
        }
    }

    private static string? FindChanged(Dictionary<string, string> before, Dictionary<string, string> after) =>
        after.FirstOrDefault(file => !before.TryGetValue(file.Key, out var row) || row != file.Value).Key
        ?? before.Keys.FirstOrDefault(path => !after.ContainsKey(path));
}
