using Parceler.Feeds;

namespace Parceler.Tests.Feeds;

public sealed class FeedFinderTests
{
    [Theory]
    [InlineData("opkg", "23.05/base", "23.05/base/", "23.05/base/Packages.gz")]
    [InlineData("opkg", ".", "", "Packages")]
    [InlineData("apk", "x86_64", "x86_64/", "x86_64/packages.adb")]
    [InlineData("apk", "x86_64", "x86_64/", "x86_64/Packages.adb")]
    [InlineData("apk v2", "v3.20/main/x86_64", "v3.20/main/x86_64/", "v3.20/main/x86_64/APKINDEX.tar.gz")]
    [InlineData("apt", "debian/dists/bookworm", "debian/", "debian/dists/bookworm/InRelease")]
    [InlineData("apt", "dists/bookworm/updates", "", "dists/bookworm/updates/Release")]
    [InlineData("rpm", "el9/x86_64", "el9/x86_64/", "el9/x86_64/repodata/repomd.xml")]
    [InlineData("rpm", ".", "", "repodata/repomd.xml")]
    public void Finds_a_feed_by_the_path_of_its_head(string format, string name, string root, string head)
    {
        var feed = FeedFinder.Find([head]).Should().ContainSingle().Subject;

        (feed.Format.ToWord(), feed.Name, feed.Root, feed.Head).Should().Be((format, name, root, head));
    }

    [Fact]
    public void Takes_the_head_that_machines_ask_for_first() =>
        HeadsOf("a/Packages", "a/Packages.gz", "b/Packages.gz", "b/Packages", "dists/s/InRelease", "dists/s/Release", "dists/t/Release", "dists/t/InRelease")
            .Should().Equal("a/Packages.gz", "b/Packages.gz", "dists/s/InRelease", "dists/t/InRelease");

    [Fact]
    public void Takes_the_folders_of_a_suite_for_parts_of_it() =>
        HeadsOf("debian/dists/s/InRelease", "debian/dists/s/main/binary-amd64/Release", "debian/dists/s/main/binary-amd64/Packages.gz", "debian/dists/s/main/binary-amd64/Packages")
            .Should().Equal("debian/dists/s/InRelease");

    [Fact]
    public void Finds_flat_repositories_of_apt()
    {
        var feed = FeedFinder.Find(["flat/Packages.xz", "flat/Release", "flat/Packages"]).Should().ContainSingle().Subject;

        (feed.Format, feed.Root, feed.Head).Should().Be((FeedFormat.Apt, "flat/", "flat/Release"));
    }

    [Fact]
    public void Finds_hundreds_of_feeds_of_several_formats()
    {
        var paths = Enumerable.Range(0, 300).SelectMany(i => new[] { $"v{i}/base/Packages.gz", $"v{i}/base/packages.adb", $"v{i}/el/repodata/repomd.xml", $"v{i}/a.ipk" });

        FeedFinder.Find(paths).CountBy(feed => feed.Format).Should().BeEquivalentTo([new(FeedFormat.Opkg, 300), new(FeedFormat.Apk, 300), new KeyValuePair<FeedFormat, int>(FeedFormat.Rpm, 300)]);
    }

    [Fact]
    public void Finds_none_where_there_is_none() =>
        FeedFinder.Find(["Release", "docs/Release", "dists/Release", "a/Packages.txt", "repomd.xml", "x/.adb", "latest_release", "dists/s/main/Packages.gz"]).Should().BeEmpty();

    private static IEnumerable<string> HeadsOf(params string[] paths) => FeedFinder.Find(paths).Select(feed => feed.Head);
}
