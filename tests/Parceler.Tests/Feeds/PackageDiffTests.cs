using System.Security.Cryptography;
using System.Text;
using Parceler.Feeds;
using Parceler.Storage;

namespace Parceler.Tests.Feeds;

public sealed class PackageDiffTests
{
    private static readonly FoundFeed s_found = FoundFeed.Of(FeedFormat.Opkg, "f/Packages.gz");
    private static readonly FeedTree s_tree = new NoTree();

    [Fact]
    public void Tells_what_became_of_each_package() =>
        Between(["same 1", "gone 1", "up 1.9", "down 2"], ["same 1", "up 1.10", "down 1", "new 1"]).Should().Equal(
            "Downgraded down 2 -> 1", "Removed gone 1 -> ", "Added new  -> 1", "Upgraded up 1.9 -> 1.10");

    [Fact]
    public void Tells_the_same_version_with_other_bytes() => Between(["a 1 x", "b 1 x"], ["a 1 y", "b 1 x"]).Should().Equal("Rebuilt a 1 -> 1");

    [Fact]
    public void Compares_the_newest_of_several_versions() =>
        Between(["a 1", "a 2"], ["a 1", "a 2", "a 3"]).Should().Equal("Upgraded a 2 -> 3");

    [Fact]
    public void Compares_the_newest_in_whatever_order_they_stand() =>
        Between(["a 2", "a 1"], ["a 1", "a 10", "a 9"]).Should().BeEquivalentTo("Added a  -> 9", "Upgraded a 2 -> 10");

    [Fact]
    public void Compares_the_files_where_hashes_are_of_other_kinds()
    {
        var feed = FeedOf(["a 1"]);
        var other = feed with { Packages = [feed.Packages[0] with { Hash = new(FeedHashKind.Sha512, new byte[64]) }] };
        var one = new OneFile(new(Digest.Of([1]), 1));

        new PackageDiff(s_found, one, one).Between(feed, other).Should().BeEmpty();
        new PackageDiff(s_found, one, new OneFile(new(Digest.Of([2]), 1))).Between(feed, other).Should().ContainSingle().Which.Kind.Should().Be(PackageChangeKind.Rebuilt);
    }

    [Fact]
    public void Tells_older_versions_that_come_and_go() =>
        Between(["a 1", "a 3"], ["a 2", "a 3"]).Should().BeEquivalentTo("Added a  -> 2", "Removed a 1 -> ");

    [Fact]
    public void Takes_packages_of_each_architecture_for_others()
    {
        var before = FeedOf(["a 1"]);
        var after = FeedOf(["a 1"]) with { Packages = [.. before.Packages.Select(package => package with { Architecture = "arm" })] };

        Diff().Between(before, after).Select(change => (change.Kind, change.Architecture)).Should().Equal((PackageChangeKind.Added, "arm"), (PackageChangeKind.Removed, "x86"));
    }

    [Theory]
    [InlineData("1", "3", "2", true)]
    [InlineData("1", "3", "1", false)]
    [InlineData("1", "2", "2", true)]
    [InlineData("1", "2", null, false)]
    [InlineData(null, "2", "2", true)]
    [InlineData(null, "2", "1", false)]
    public void Tells_upgrades_that_bring_a_security_fix(string? from, string to, string? fixedIn, bool isSecurity)
    {
        var after = FeedOf([$"a {to}"]);
        after = after with { Packages = [after.Packages[0] with { FixedIn = fixedIn }] };

        Diff().Between(from is null ? null : FeedOf([$"a {from}"]), after).Should().ContainSingle().Which.IsSecurity.Should().Be(isSecurity);
    }

    [Fact]
    public void Tells_all_packages_of_a_feed_that_comes_or_goes()
    {
        Diff().Between(null, FeedOf(["a 1", "b 1"])).Should().HaveCount(2).And.OnlyContain(change => change.Kind == PackageChangeKind.Added);
        Diff().Between(FeedOf(["a 1", "b 1"]), null).Should().HaveCount(2).And.OnlyContain(change => change.Kind == PackageChangeKind.Removed);
    }

    private static PackageDiff Diff() => new(s_found, s_tree, s_tree);

    private static IEnumerable<string> Between(string[] before, string[] after) =>
        Diff().Between(FeedOf(before), FeedOf(after)).Select(change => $"{change.Kind} {change.Name} {change.Before?.Version} -> {change.After?.Version}");

    // "name version [content]"
    private static Feed FeedOf(string[] packages) => new(
        new(s_found, [], null, null, []),
        [.. packages.Select(text => text.Split(' ')).Select(words => new FeedPackage(
            words[0], words[1], "x86", $"f/{words[0]}_{words[1]}.ipk", 1, new(FeedHashKind.Sha256, SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(' ', words))))))],
        []);

    private sealed class OneFile(FeedFile file) : FeedTree
    {
        public override FeedFile? Find(string path) => file;

        public override Stream OpenRead(string path) => throw new FileNotFoundException(path);
    }

    private sealed class NoTree : FeedTree
    {
        public override FeedFile? Find(string path) => null;

        public override Stream OpenRead(string path) => throw new FileNotFoundException(path);
    }
}
