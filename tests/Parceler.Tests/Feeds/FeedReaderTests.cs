using System.Diagnostics;
using Parceler.Feeds;
using Parceler.Formats.Apk;
using Parceler.Formats.Rpm;
using Parceler.Tests.Formats;
using Parceler.Tests.Formats.Apk;

namespace Parceler.Tests.Feeds;

/// <summary>Feeds of each format, made by real tools, come out in the one shape.</summary>
public sealed class FeedReaderTests : IDisposable
{
    private readonly SampleFeeds _feeds = new();

    [Fact]
    public void Reads_opkg()
    {
        _feeds.AddOpkg(SampleFeeds.OpkgFolder, ("base-files", "1.0-r1"), ("plus+plus", "2:2~rc1"));

        var feed = Read();

        feed.Packages.Select(Named).Should().Equal(
            ("base-files", "1.0-r1", "x86_64", $"{SampleFeeds.OpkgFolder}/base-files_1.0-r1_x86_64.ipk"),
            ("plus+plus", "2:2~rc1", "x86_64", $"{SampleFeeds.OpkgFolder}/plus+plus_2~rc1_x86_64.ipk"));
        feed.Head.Signatures.Should().Equal($"{SampleFeeds.OpkgFolder}/Packages.sig");
        AllAreThere(feed);
    }

    [Fact]
    public void Reads_apk_3()
    {
        _feeds.AddApk(SampleFeeds.ApkFolder, packages: [ApkSamples.Hello, ApkSamples.Aplus, ApkSamples.Empty]);

        var feed = Read();

        feed.Packages.Should().HaveCount(3).And.AllSatisfy(package => package.Hash.Kind.Should().Be(FeedHashKind.ApkDescription));
        AllAreThere(feed);
    }

    [Fact]
    public void Reads_where_an_index_of_apk_3_says_that_its_packages_are()
    {
        _feeds.AddApk("repo", names: "pool/${arch}/${name:1}/${name}-${version}.${hash:8}.apk", packages: [ApkSamples.Hello, ApkSamples.Empty]);

        var feed = Read();

        feed.Packages.Should().AllSatisfy(package => package.Path.Should().MatchRegex(@"^repo/pool/[^/]+/[he]/[a-z]+-[^/]+\.[0-9a-f]{8}\.apk$"));
        AllAreThere(feed);
    }

    [Fact]
    public void Looks_for_packages_of_apk_3_in_the_folder_of_their_architecture_where_the_index_is_in_one()
    {
        _feeds.AddApk("v3/x86_64", "Packages.adb", packages: [ApkSamples.Empty]);

        Read().Packages.Should().ContainSingle().Which.Path.Should().Be("v3/x86_64/empty-3.apk");
    }

    [Fact]
    public void Reads_apk_2()
    {
        _feeds.AddApk2(SampleFeeds.Apk2Folder);

        var feed = Read();

        feed.Packages.Should().ContainSingle().Which.Hash.Kind.Should().Be(FeedHashKind.Apk2Description);
        AllAreThere(feed);
    }

    [Fact]
    public void Reads_apt()
    {
        _feeds.AddDeb("hello", "1:1.0");
        _feeds.AddDeb("tool", "2", "all");
        _feeds.WriteAptIndex(options: "-o APT::FTPArchive::Release::ValidTime=3600 -o APT::FTPArchive::Release::Acquire-By-Hash=yes");

        var feed = Read();

        feed.Packages.Select(Named).Should().BeEquivalentTo([("hello", "1:1.0", "amd64", "debian/pool/hello_1%3a1.0_amd64.deb"), ("tool", "2", "all", "debian/pool/tool_2_all.deb")]);
        feed.Head.SignedAt.Should().BeCloseTo(TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(2));
        (feed.Head.ValidUntil - feed.Head.SignedAt).Should().BeCloseTo(TimeSpan.FromHours(1), TimeSpan.FromSeconds(2));
        feed.Head.Indexes.Should().Contain(index => index.Type == "main/binary-amd64/Packages.xz" && index.ByHashPath!.StartsWith("debian/dists/stable/main/binary-amd64/by-hash/", StringComparison.Ordinal));
        AllAreThere(feed);
    }

    [Fact]
    public void Reads_the_index_of_apt_that_stands_only_under_its_hash()
    {
        _feeds.AddDeb("hello", "1");
        _feeds.WriteAptIndex(options: "-o APT::FTPArchive::Release::Acquire-By-Hash=yes -o APT::FTPArchive::SHA512=false");
        _feeds.Shell($"cd '{_feeds[SampleFeeds.Suite]}/main/binary-amd64' && mkdir -p by-hash/SHA256 && mv Packages.xz by-hash/SHA256/$(sha256sum Packages.xz | cut -d' ' -f1) && rm Packages Packages.gz");

        Read().Packages.Should().ContainSingle();
    }

    [Theory]
    [InlineData("stable", null)]
    [InlineData("stable-security", "1")]
    public void Tells_security_fixes_of_apt_by_the_suite(string suite, string? fixedIn)
    {
        _feeds.AddDeb("hello", "1");
        _feeds.WriteAptIndex(suite: suite);

        Read().Packages.Should().ContainSingle().Which.FixedIn.Should().Be(fixedIn);
    }

    [Fact]
    public void Reads_rpm()
    {
        _feeds.AddRpm("hello", "1.0");
        _feeds.AddRpm("plain", "3");
        _feeds.WriteRpmIndex("1790000000");

        var feed = Read();

        feed.Packages.Select(Named).Should().BeEquivalentTo([("hello", "1.0-1", "noarch", "el9/noarch/hello-1.0-1.noarch.rpm"), ("plain", "3-1", "noarch", "el9/noarch/plain-3-1.noarch.rpm")]);
        feed.Head.SignedAt.Should().Be(DateTimeOffset.FromUnixTimeSeconds(1_790_000_000));
        feed.Head.Indexes.Where(index => index.IsNeeded).Select(index => index.Type).Should().BeEquivalentTo("primary", "filelists");
        AllAreThere(feed);
    }

    [Theory]
    [InlineData("0.9", "0.9-1")]
    [InlineData("1.0", "1.0-1")]
    [InlineData("1.0.1", null)]
    public void Tells_security_fixes_of_rpm_by_the_advisories(string version, string? fixedIn)
    {
        var advisory = $"""
            <updates><update type="security"><id>A-1</id><pkglist><collection><package name="hello" version="{version}" release="1" epoch="0" arch="noarch"/>
            <package name="hello" version="1.1" release="1" epoch="0" arch="noarch"/></collection></pkglist></update>
            <update type="bugfix"><id>A-2</id><pkglist><collection><package name="plain" version="3" release="1" epoch="0" arch="noarch"/></collection></pkglist></update></updates>
            """;
        _feeds.AddRpm("hello", "1.0");
        _feeds.AddRpm("plain", "3");
        _feeds.WriteRpmIndex();
        _feeds.Write("updateinfo.xml", advisory);
        _feeds.Shell($"modifyrepo_c --mdtype=updateinfo '{_feeds["updateinfo.xml"]}' '{_feeds[SampleFeeds.RpmFolder]}/repodata' > /dev/null");

        Read().Packages.Select(package => (package.Name, package.FixedIn)).Should().BeEquivalentTo([("hello", fixedIn), ("plain", null)]);
    }

    [Fact]
    public void Reads_the_form_of_an_index_of_apt_that_its_Release_names()
    {
        _feeds.AddDeb("hello", "1");
        _feeds.WriteAptIndex();
        _feeds.Shell($"sed -i 's/^Package: hello/Package: other/' {SampleFeeds.Suite}/main/binary-amd64/Packages"); // of the same size

        Read().Packages.Should().ContainSingle().Which.Name.Should().Be("hello");
        _feeds.Shell($"rm {SampleFeeds.Suite}/main/binary-amd64/Packages.*");
        _feeds.Tree.ReadAll().Should().ContainSingle().Which.Fault!.Reason.Should().Contain("binary-amd64/Packages' is not the index that its Release names");
    }

    [Fact]
    public void Reads_no_index_of_rpm_that_its_repomd_does_not_name()
    {
        _feeds.AddRpm("hello", "1.0");
        _feeds.WriteRpmIndex(options: "--general-compress-type=gz");
        _feeds.Shell($"for f in {SampleFeeds.RpmFolder}/repodata/*-primary.xml.gz; do printf T | dd of=$f bs=1 seek=4 conv=notrunc status=none; done"); // the time in it: the same content and size

        _feeds.Tree.ReadAll().Should().ContainSingle().Which.Fault!.Reason.Should().EndWith("is not the index that its repomd.xml names: size or hash differ");
    }

    [Fact]
    public void Finds_the_fixes_of_many_packages_of_one_name_among_as_many_advisories()
    {
        const int count = 20_000;
        var fixes = new RpmFixes();
        fixes.Add(new("A", "security", null, null, [], [.. Enumerable.Range(1, count).Select(number => new RpmAdvisoryPackage("a", new(0, $"{2 * number}", "1"), "noarch"))]), int.MaxValue);
        var time = Stopwatch.StartNew();

        var found = Enumerable.Range(1, count).Select(number => fixes.Of(new("a", new(0, $"{(2 * number) + 1}", "1"), "noarch"))).ToList();

        found.Should().Equal(Enumerable.Range(1, count).Select(number => $"{2 * number}-1"));
        time.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(4)); // one by one, a minute
        fixes.Of(new("a", new(0, "1", "1"), "noarch")).Should().BeNull();
    }

    [Fact]
    public void Refuses_a_path_of_packages_that_repeats_a_long_name()
    {
        var package = new ApkPackage(new string('a', 100_000), "1");

        Hostile.Allocated<InvalidDataException>(() => ApkPath.Of(string.Concat(Enumerable.Repeat("${name}", 1000)), package).Should().BeEmpty("it is refused")).Should().BeLessThan(10_000_000);
    }

    [Fact]
    public void Reads_the_head_alone_before_the_indexes_are_there()
    {
        _feeds.AddRpm("hello", "1.0");
        _feeds.WriteRpmIndex();
        var found = FeedFinder.Find(_feeds.Tree.Paths).Single();
        _feeds.Shell($"rm '{_feeds[SampleFeeds.RpmFolder]}'/repodata/*primary*");

        FeedReader.Default.ReadHead(found, _feeds.Tree, TestContext.Current.CancellationToken).Head!.Indexes.Should().Contain(index => index.Type == "primary");
        FeedReader.Default.Read(found, _feeds.Tree, TestContext.Current.CancellationToken).Fault!.Reason.Should().Contain("is missing");
    }

    [Fact]
    public void Passes_over_what_ends_like_an_index_of_apk_and_is_none()
    {
        _feeds.Write("src/main.adb", "procedure Main is begin null; end Main;");
        _feeds.Write("src/hello.adb", ApkSamples.Hello);

        _feeds.Tree.ReadAll().Should().BeEmpty();
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b.ipk")]
    [InlineData("a\\b.ipk")]
    [InlineData("a\u0001.ipk")]
    [InlineData("..")]
    public void Refuses_paths_that_lead_out_of_the_feed(string path)
    {
        _feeds.Write("f/Packages", $"Package: a\nVersion: 1\nArchitecture: all\nFilename: {path}\nSize: 1\n\n");

        _feeds.Tree.ReadAll().Should().ContainSingle().Which.Fault!.Reason.Should().Contain("which is not below the feed");
    }

    [Theory]
    [InlineData("Packages.gz", "no gzip")]
    [InlineData("Packages", "no stanza")]
    [InlineData("Packages", "Package: a\n")]
    [InlineData("Packages", "Package: a\nVersion: 1\nFilename: a.ipk\nSize: -1\n")]
    [InlineData("Packages", "Package: a\nVersion: 1\nFilename: a.ipk\nSHA256sum: 00\n")]
    [InlineData("Packages", "Package: a\u001b[2J\nVersion: 1\nFilename: a.ipk\n")]
    [InlineData("packages.adb", "ADB.none")]
    [InlineData("APKINDEX.tar.gz", "")]
    [InlineData("dists/s/InRelease", "Suite: s\n")]
    [InlineData("dists/s/Release", "Suite: s\n")]
    [InlineData("repodata/repomd.xml", "<repomd/>")]
    [InlineData("repodata/repomd.xml", "<!DOCTYPE x [<!ENTITY e \"e\">]><repomd>&e;</repomd>")]
    public void Names_the_feed_whose_index_is_damaged(string head, string content)
    {
        _feeds.Write($"f/{head}", content);

        var reading = _feeds.Tree.ReadAll().Should().ContainSingle().Subject;

        reading.Feed.Should().BeNull();
        reading.Fault!.ToString().Should().StartWith($"{reading.Found.Format.ToWord()} feed 'f").And.NotContain("\u001b");
    }

    [Fact]
    public void Holds_a_feed_to_its_limits()
    {
        _feeds.AddOpkg("f", ("a", "1"), ("b", "1"), ("c", "1"));
        var found = FeedFinder.Find(_feeds.Tree.Paths).Single();

        new FeedReader(new() { Packages = 2 }).Read(found, _feeds.Tree, TestContext.Current.CancellationToken).Fault!.Reason.Should().Contain("more than 2 packages");
        new FeedReader(new() { Index = 100 }).Read(found, _feeds.Tree, TestContext.Current.CancellationToken).Fault!.Reason.Should().Contain("more than 100 bytes");
    }

    [Theory]
    [InlineData(nameof(FeedFormat.Opkg), "1.0~rc1", "1.0")]
    [InlineData(nameof(FeedFormat.Apt), "1.0", "1:0.1")]
    [InlineData(nameof(FeedFormat.Apk), "1.0_rc1", "1.0")]
    [InlineData(nameof(FeedFormat.Apk2), "no version", "0.1")]
    [InlineData(nameof(FeedFormat.Rpm), "1.0-9", "1.0-10")]
    [InlineData(nameof(FeedFormat.Rpm), "2.0-1", "1:1.0-1")]
    public void Orders_versions_as_the_format_does(string format, string older, string newer)
    {
        var order = FeedVersions.OrderOf(Enum.Parse<FeedFormat>(format));

        order.Compare(older, newer).Should().BeNegative();
        order.Compare(newer, older).Should().BePositive();
    }

    public void Dispose() => _feeds.Dispose();

    private Feed Read()
    {
        var reading = _feeds.Tree.ReadAll().Should().ContainSingle().Subject;
        reading.Fault.Should().BeNull();
        return reading.Feed!;
    }

    private void AllAreThere(Feed feed) => feed.Packages.Should().AllSatisfy(package => _feeds.Tree.Find(package.Path)!.Value.Size.Should().Be(package.Size, package.Path));

    private static (string, string, string, string) Named(FeedPackage package) => (package.Name, package.Version, package.Architecture, package.Path);
}
