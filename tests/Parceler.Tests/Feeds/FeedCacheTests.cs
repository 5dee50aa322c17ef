using Parceler.Feeds;

namespace Parceler.Tests.Feeds;

public sealed class FeedCacheTests : IDisposable
{
    private readonly SampleFeeds _feeds = new();

    [Fact]
    public void Reads_the_same_index_once_whatever_the_tree_is()
    {
        _feeds.AddOpkg("f", ("a", "1"));
        using var other = _feeds.Copy();
        var cache = new FeedCache(FeedReader.Default, 100);

        var first = Read(cache, _feeds.Tree);
        var tree = other.Tree;

        Read(cache, tree).Should().BeSameAs(first);
        tree.Reads.Should().BeEmpty();
    }

    [Fact]
    public void Reads_again_when_any_file_that_was_looked_at_is_another()
    {
        _feeds.AddOpkg("f", ("a", "1"));
        var cache = new FeedCache(FeedReader.Default, 100);
        var first = Read(cache, _feeds.Tree);
        File.Delete(_feeds["f/Packages.sig"]);

        Read(cache, _feeds.Tree).Should().NotBeSameAs(first).And.Match<FeedReading>(reading => reading.Head!.Signatures.Count == 0);
    }

    [Fact]
    public void Lets_go_what_was_not_asked_for_longest()
    {
        using var other = SampleFeeds.Of("opkg");
        _feeds.AddOpkg("f", ("a", "1"));
        var cache = new FeedCache(FeedReader.Default, 24);
        var first = Read(cache, _feeds.Tree);
        Read(cache, other.Tree);
        Read(cache, _feeds.Tree).Should().BeSameAs(first);

        using var third = SampleFeeds.Of("apk v2");
        Read(cache, third.Tree);

        Read(cache, _feeds.Tree).Should().BeSameAs(first);
        var tree = other.Tree;
        Read(cache, tree);
        tree.Reads.Should().NotBeEmpty();
    }

    public void Dispose() => _feeds.Dispose();

    private static FeedReading Read(FeedCache cache, FolderTree tree) => cache.Read(FeedFinder.Find(tree.Paths).Single(), tree, TestContext.Current.CancellationToken);
}
