using Parceler.Repositories;
using Parceler.Tests.Feeds;
using Parceler.Tests.Formats.Apk;
using Parceler.Upstreams.Mirrors;

namespace Parceler.Tests.Upstreams.Mirrors;

/// <summary>Real repositories of each format, mirrored by their indexes.</summary>
public sealed class FormatMirrorTests : IAsyncLifetime
{
    private const string Base = "packages/x86_64/base";
    private const string Luci = "packages/x86_64/luci";
    private readonly SampleFeeds _feeds = new();
    private MirrorBench _bench = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _bench = await MirrorBench.StartAsync(_feeds[""]);

    public async ValueTask DisposeAsync()
    {
        await _bench.DisposeAsync();
        _feeds.Dispose();
    }

    [Fact]
    public async Task One_feed_of_opkg_is_taken_with_all_that_its_index_names()
    {
        _feeds.AddOpkg(Base, ("a", "1.0"), ("b", "2.0"));
        _feeds.Write($"{Base}/notes.txt", "named by nobody");

        var files = await SyncAsync(MirrorKind.Opkg, $"/{Base}");

        files.Keys.Should().Equal("Packages", "Packages.gz", "Packages.manifest", "Packages.sig", "a_1.0_x86_64.ipk", "b_2.0_x86_64.ipk", "index.json");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task All_feeds_below_a_root_are_found(bool bySums)
    {
        _feeds.AddOpkg(Base, ("a", "1.0"));
        _feeds.AddOpkg(Luci, ("l", "1.0"));
        _feeds.Write("targets/kernel.bin", "a kernel");
        if (bySums)
        {
            _bench.Upstream.Lists = false;
            _feeds.Shell("sha256sum -b $(find . -type f | sed 's,^./,,' | sort) > ../sums && mv ../sums sha256sums");
        }

        var files = await SyncAsync(MirrorKind.Opkg);

        files.Keys.Should().Contain([$"{Base}/a_1.0_x86_64.ipk", $"{Base}/Packages.sig", $"{Luci}/l_1.0_x86_64.ipk", $"{Luci}/Packages.gz"]);
        files.ContainsKey("targets/kernel.bin").Should().Be(bySums, "only sums name it");
    }

    [Fact]
    public async Task Feeds_are_found_by_sums_when_an_upstream_lists_no_more()
    {
        _feeds.AddOpkg(Base, ("a", "1.0"));
        _feeds.Write("targets/kernel.bin", "a kernel");
        (await SyncAsync(MirrorKind.Opkg)).Keys.Should().NotContain("targets/kernel.bin");
        _bench.Upstream.Lists = false;
        _feeds.Shell("sha256sum -b $(find . -type f | sed 's,^./,,' | sort) > ../sums && mv ../sums sha256sums");

        var files = await SyncAsync(MirrorKind.Opkg);

        files.Keys.Should().Contain([$"{Base}/a_1.0_x86_64.ipk", "targets/kernel.bin"]);
    }

    [Fact]
    public async Task Only_feeds_of_the_architectures_that_are_asked_for_are_taken()
    {
        _feeds.AddOpkg(Base, ("a", "1.0"));
        _feeds.AddOpkg("packages/mips_24kc/base", ("m", "1.0"));

        var files = await _bench.SyncAsync(_bench.Settings(MirrorKind.Opkg) with { Architectures = ["x86_64"] }, Cancellation);

        files.Keys.Should().OnlyContain(path => path.StartsWith(Base, StringComparison.Ordinal)).And.HaveCountGreaterThan(3);
    }

    [Fact]
    public async Task The_next_day_costs_what_has_changed_and_an_unchanged_day_only_heads()
    {
        _feeds.AddOpkg(Base, ("a", "1.0"));
        _feeds.AddOpkg(Luci, ("l", "1.0"));
        Age();
        await SyncAsync(MirrorKind.Opkg);
        _bench.Upstream.TakeRequests();

        (await SyncAsync(MirrorKind.Opkg)).Should().HaveCount(12);
        _bench.Upstream.TakeRequests().Should().OnlyContain(request => request.EndsWith('/') || request.EndsWith("304", StringComparison.Ordinal) || request.EndsWith("404", StringComparison.Ordinal) || request.EndsWith("/ 200", StringComparison.Ordinal));
        _bench.NewBytes.Should().Be(0);

        _feeds.AddOpkg(Base, ("a", "1.1"));
        var files = await SyncAsync(MirrorKind.Opkg);

        files.Keys.Should().Contain($"{Base}/a_1.1_x86_64.ipk").And.Contain($"{Luci}/l_1.0_x86_64.ipk");
        _bench.Upstream.TakeRequests().Should().Contain($"/{Base}/a_1.1_x86_64.ipk 200").And.NotContain(request => request.Contains(".ipk", StringComparison.Ordinal) && !request.Contains("a_1.1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Folders_full_of_packages_are_not_listed_again_and_a_feed_that_comes_or_goes_is_found()
    {
        _feeds.AddOpkg(Base, ("a", "1.0"));
        _feeds.AddOpkg(Luci, ("l", "1.0"));
        Age();
        await SyncAsync(MirrorKind.Opkg);
        _bench.Upstream.TakeRequests();

        await SyncAsync(MirrorKind.Opkg);
        _bench.Upstream.TakeRequests().Where(request => request.EndsWith("/ 200", StringComparison.Ordinal)).Should().Equal("/ 200", "/packages/ 200", "/packages/x86_64/ 200");

        _feeds.AddOpkg("packages/x86_64/routing", ("r", "1.0"));
        (await SyncAsync(MirrorKind.Opkg)).Keys.Should().Contain("packages/x86_64/routing/r_1.0_x86_64.ipk");

        Directory.Delete(_feeds[Luci], recursive: true);
        (await SyncAsync(MirrorKind.Opkg)).Keys.Should().NotContain(path => path.StartsWith(Luci, StringComparison.Ordinal)).And.Contain($"{Base}/a_1.0_x86_64.ipk");
    }

    [Fact]
    public async Task A_feed_below_the_folder_of_another_is_found()
    {
        _feeds.AddOpkg(Base, ("a", "1.0"));
        _feeds.AddOpkg($"{Base}/extra", ("e", "1.0"));
        Age();
        await SyncAsync(MirrorKind.Opkg);

        _feeds.AddOpkg($"{Base}/more", ("m", "1.0"));
        (await SyncAsync(MirrorKind.Opkg)).Keys.Should().Contain([$"{Base}/extra/e_1.0_x86_64.ipk", $"{Base}/more/m_1.0_x86_64.ipk"]);
    }

    [Fact]
    public async Task A_signature_that_upstream_adds_is_taken_though_nothing_else_has_changed()
    {
        _feeds.AddOpkg(Base, ("a", "1.0"));
        _feeds.AddOpkg(Luci, ("l", "1.0"));
        File.Move(_feeds[$"{Base}/Packages.sig"], _feeds["signature"]);
        Age();
        (await SyncAsync(MirrorKind.Opkg)).Keys.Should().NotContain($"{Base}/Packages.sig");

        File.Move(_feeds["signature"], _feeds[$"{Base}/Packages.sig"]);
        (await SyncAsync(MirrorKind.Opkg)).Keys.Should().Contain($"{Base}/Packages.sig");
    }

    [Fact]
    public async Task A_package_that_is_not_there_or_another_makes_no_tree()
    {
        _feeds.AddOpkg(Base, ("a", "1.0"), ("b", "1.0"));
        File.Delete(_feeds[$"{Base}/a_1.0_x86_64.ipk"]);
        (await _bench.FailsAsync(_bench.Settings(MirrorKind.Opkg))).Should().Be($"'{Base}/a_1.0_x86_64.ipk', named by '{Base}/Packages.gz': upstream does not have it; upstream was read 3 times. Does somebody write to it?");

        _feeds.Write($"{Base}/a_1.0_x86_64.ipk", "replaced");
        (await _bench.FailsAsync(_bench.Settings(MirrorKind.Opkg))).Should().Contain($"'{Base}/a_1.0_x86_64.ipk', named by '{Base}/Packages.gz': it has 8 bytes, not the ");
    }

    [Fact]
    public async Task Where_the_gate_only_warns_a_package_that_is_another_is_left_out()
    {
        _bench.Gate = GateMode.Warn;
        _feeds.AddOpkg(Base, ("a", "1.0"), ("b", "1.0"));
        _feeds.Write($"{Base}/a_1.0_x86_64.ipk", "replaced");

        var files = await SyncAsync(MirrorKind.Opkg);

        files.Keys.Should().Contain($"{Base}/b_1.0_x86_64.ipk").And.NotContain($"{Base}/a_1.0_x86_64.ipk");
        _bench.Lines.Should().Contain(line => line.StartsWith($"warning: '{Base}/a_1.0_x86_64.ipk'", StringComparison.Ordinal));
        _feeds.AddIpk(Base, "a", "1.0", "");
        (await SyncAsync(MirrorKind.Opkg)).Keys.Should().Contain($"{Base}/a_1.0_x86_64.ipk", "it is there now, though no index has changed");
    }

    [Fact]
    public async Task A_feed_that_is_broken_since_before_does_not_block_the_others_while_it_does_not_change()
    {
        _feeds.AddOpkg(Base, ("a", "1.0"));
        _feeds.AddOpkg(Luci, ("l", "1.0"));
        Age();
        await SyncAsync(MirrorKind.Opkg);
        File.Delete(_feeds[$"{Luci}/l_1.0_x86_64.ipk"]);
        _feeds.AddOpkg(Base, ("a", "1.1"));

        (await SyncAsync(MirrorKind.Opkg)).Keys.Should().Contain([$"{Base}/a_1.1_x86_64.ipk", $"{Luci}/l_1.0_x86_64.ipk"]);
    }

    [Fact]
    public async Task A_tree_that_changes_while_it_is_taken_is_taken_again()
    {
        _feeds.AddOpkg(Base, ("a", "1.0"), ("b", "1.0"));
        Age();
        var changed = false;
        _bench.Upstream.Fault = (http, serve) =>
        {
            if (http.Request.Path.Value!.EndsWith("b_1.0_x86_64.ipk", StringComparison.Ordinal) && !changed)
            {
                changed = true;
                _feeds.AddIpk(Base, "a", "1.1", "");
                _feeds.WriteOpkgIndex(Base);
            }

            return serve();
        };

        var files = await SyncAsync(MirrorKind.Opkg);

        changed.Should().BeTrue();
        files.Keys.Should().Contain($"{Base}/a_1.1_x86_64.ipk");
        _bench.Lines.Should().Contain(line => line.Contains("changed meanwhile: upstream is read again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_signature_that_does_not_fit_ends_the_sync_before_a_package_is_asked_for()
    {
        _feeds.AddOpkg(Base, ("a", "1.0"));
        Trust(SampleFeeds.UsignKey.PublicKey.ToText());
        await SyncAsync(MirrorKind.Opkg);
        _feeds.AddOpkg(Base, ("b", "1.0"));
        _feeds.Shell($"cd {Base} && sed -i 's/^Version: .*/Version: 6.6/' Packages && gzip -nkf Packages");
        _bench.Upstream.TakeRequests();

        (await _bench.FailsAsync(_bench.Settings(MirrorKind.Opkg))).Should().Contain(Base).And.Contain("its signature does not fit the index").And.NotContain("upstream was read", "no waiting mends it");
        _bench.Upstream.TakeRequests().Should().NotContain(request => request.Contains(".ipk", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Other_keys_are_held_against_an_upstream_that_has_not_changed()
    {
        _feeds.AddOpkg(Base, ("a", "1.0"));
        Age();
        await SyncAsync(MirrorKind.Opkg);

        Trust(Parceler.Formats.Signing.UsignSecretKey.Generate().PublicKey.ToText());

        (await _bench.FailsAsync(_bench.Settings(MirrorKind.Opkg))).Should().Contain("not trusted");
    }

    [Fact]
    public async Task A_gate_that_comes_on_verifies_what_was_taken_without_it()
    {
        _feeds.AddOpkg(Base, ("a", "1.0"));
        Age();
        Trust(Parceler.Formats.Signing.UsignSecretKey.Generate().PublicKey.ToText());
        _bench.Gate = GateMode.Off;
        await SyncAsync(MirrorKind.Opkg);

        _bench.Gate = GateMode.Strict;

        (await _bench.FailsAsync(_bench.Settings(MirrorKind.Opkg))).Should().Contain("not trusted");
    }

    [Fact]
    public async Task A_stricter_gate_asks_again_for_what_was_left_out()
    {
        _feeds.AddOpkg(Base, ("a", "1.0"), ("b", "1.0"));
        Age();
        File.Delete(_feeds[$"{Base}/a_1.0_x86_64.ipk"]);
        _bench.Gate = GateMode.Warn;
        await SyncAsync(MirrorKind.Opkg);

        _bench.Gate = GateMode.Strict;

        (await _bench.FailsAsync(_bench.Settings(MirrorKind.Opkg))).Should().Contain("upstream does not have it");
    }

    [Fact]
    public async Task An_architecture_of_which_no_index_is_there_is_named()
    {
        _feeds.AddDeb("a", "1.0");
        _feeds.WriteAptIndex();
        _feeds.Shell($"cd {SampleFeeds.Suite}/main && mkdir binary-arm64 && cp binary-amd64/Packages binary-arm64/ && echo >> binary-arm64/Packages && gzip -nk binary-arm64/Packages");
        _feeds.WriteAptIndex(options: "-o APT::FTPArchive::Release::Components=main -o 'APT::FTPArchive::Release::Architectures=amd64 arm64'");
        _feeds.Shell($"rm -r {SampleFeeds.Suite}/main/binary-arm64");
        var settings = _bench.Settings(MirrorKind.Apt, $"/{SampleFeeds.AptRoot}") with { Suites = ["stable"] };

        (await _bench.FailsAsync(settings)).Should().Contain("binary-arm64/Packages").And.Contain("upstream does not have it");
        (await _bench.SyncAsync(settings with { Architectures = ["amd64"] }, Cancellation)).Keys.Should().NotContain(path => path.Contains("arm64", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("opkg", "Opkg", SampleFeeds.OpkgFolder)]
    [InlineData("apk", "Apk", SampleFeeds.ApkFolder)]
    [InlineData("apk v2", "Apk", SampleFeeds.Apk2Folder)]
    [InlineData("apt", "Apt", SampleFeeds.AptRoot)]
    [InlineData("rpm", "Rpm", SampleFeeds.RpmFolder)]
    public async Task Indexes_have_to_be_signed_by_a_trusted_key(string format, string kindName, string folder)
    {
        var kind = Enum.Parse<MirrorKind>(kindName);
        _feeds.Add(format);
        var settings = _bench.Settings(kind, $"/{folder}") with { Suites = kind == MirrorKind.Apt ? ["stable"] : [] };
        Trust(Parceler.Formats.Signing.UsignSecretKey.Generate().PublicKey.ToText());

        (await _bench.FailsAsync(settings)).Should().Contain("not trusted");
        _bench.Upstream.TakeRequests().Should().NotContain(request => request.Contains("k 200", StringComparison.Ordinal) || request.Contains("deb 200", StringComparison.Ordinal) || request.Contains("rpm 200", StringComparison.Ordinal));

        Trust(SampleFeeds.UsignKey.PublicKey.ToText(), SampleFeeds.ApkKey.PublicKey.ToText(), ApkSamples.RsaKey, SampleFeeds.OpenPgpKey.ToPublicText());
        (await _bench.SyncAsync(settings, Cancellation)).Should().HaveCountGreaterThanOrEqualTo(2);
    }

    [Fact]
    public async Task A_feed_of_apk_is_taken_and_its_packages_are_proven_by_their_description()
    {
        _feeds.AddApk(SampleFeeds.ApkFolder, packages: ApkSamples.Hello);
        var files = await SyncAsync(MirrorKind.Apk, $"/{SampleFeeds.ApkFolder}");
        files.Should().HaveCount(2).And.ContainKey("packages.adb");
        var package = files.Keys.Single(path => path.EndsWith(".apk", StringComparison.Ordinal));

        _bench.Upstream.TakeRequests();
        File.Delete(_bench.MemoryFile);
        var content = await File.ReadAllBytesAsync(_feeds[$"{SampleFeeds.ApkFolder}/{package}"], Cancellation);
        content[content.Length / 2] ^= 1;
        _feeds.Write($"{SampleFeeds.ApkFolder}/{package}", content);

        (await _bench.FailsAsync(_bench.Settings(MirrorKind.Apk, $"/{SampleFeeds.ApkFolder}"))).Should().Contain(package);
    }

    [Fact]
    public async Task A_feed_of_apk_2_is_found_by_its_architecture()
    {
        _feeds.AddApk2(SampleFeeds.Apk2Folder);

        var files = await _bench.SyncAsync(_bench.Settings(MirrorKind.Apk, "/alpine") with { Architectures = ["x86_64"] }, Cancellation);

        files.Should().HaveCount(2).And.ContainKey("x86_64/APKINDEX.tar.gz");
    }

    [Fact]
    public async Task A_suite_of_apt_is_taken_with_what_apt_asks_for_by_hash_and_each_content_once()
    {
        _feeds.AddDeb("a", "1.0");
        _feeds.AddDeb("b", "1:2.0", "all");
        const string options = "-o APT::FTPArchive::Release::Components=main -o APT::FTPArchive::Release::Architectures=amd64 -o APT::FTPArchive::Release::Acquire-By-Hash=yes -o APT::FTPArchive::SHA512=false";
        _feeds.WriteAptIndex(options);
        _feeds.SignApt();
        Age();
        var settings = _bench.Settings(MirrorKind.Apt, $"/{SampleFeeds.AptRoot}") with { Suites = ["stable"], Architectures = ["amd64"] };

        var files = await _bench.SyncAsync(settings, Cancellation);

        files.Keys.Should().Contain(["dists/stable/InRelease", "dists/stable/main/binary-amd64/Packages.xz", "dists/stable/main/binary-amd64/Packages.gz", "pool/a_1.0_amd64.deb", "pool/b_1%3a2.0_all.deb"]);
        files.Keys.Should().NotContain("dists/stable/main/binary-amd64/Packages", "the packed ones are there");
        var byHash = files[$"dists/stable/main/binary-amd64/by-hash/SHA256/{files["dists/stable/main/binary-amd64/Packages.xz"].Digest}"];
        byHash.Digest.Should().Be(files["dists/stable/main/binary-amd64/Packages.xz"].Digest);

        _bench.Upstream.TakeRequests();
        await _bench.SyncAsync(settings, Cancellation);
        _bench.Upstream.TakeRequests().Should().Equal("/debian/dists/stable/InRelease 304");
    }

    [Theory]
    [InlineData("flat", "./", "", ".")]
    [InlineData("flat", "/", "", ".")]
    [InlineData("flat/deep", "./", "", ".")]
    [InlineData("", "flat/", "flat/", "flat")]
    [InlineData("", "./flat/deep/", "flat/deep/", "flat/deep")]
    public async Task A_flat_suite_of_apt_is_taken_as_apt_finds_it(string root, string suite, string folder, string name)
    {
        var flat = Path.Join(root, folder).TrimEnd('/');
        _feeds.AddDeb("a", "1.0", folder: flat);
        _feeds.AddDeb("b", "1:2.0", "all", folder: flat);
        _feeds.Write($"{flat}/README", "named by nobody");
        _feeds.WriteFlatIndex(root.Length == 0 ? "." : root, folder.Length == 0 ? "." : folder);
        Trust(SampleFeeds.OpenPgpKey.ToPublicText());
        Age();
        var settings = _bench.Settings(MirrorKind.Apt, $"/{root}") with { Suites = [suite] };

        var files = await _bench.SyncAsync(settings, Cancellation);

        files.Keys.Should().Equal($"{folder}InRelease", $"{folder}Packages.gz", $"{folder}a_1.0_amd64.deb", $"{folder}b_1%3a2.0_all.deb");
        _bench.Lines.Should().Contain($"apt feed '{name}': 2 packages");
        _bench.Upstream.TakeRequests();
        (await _bench.SyncAsync(settings, Cancellation)).Should().HaveCount(4);
        _bench.Upstream.TakeRequests().Should().ContainSingle().Which.Should().EndWith("InRelease 304");
    }

    [Fact]
    public async Task A_package_without_end_is_cut_behind_the_size_that_its_index_names()
    {
        _feeds.AddOpkg(Base, ("a", "1.0"));
        long sent = 0;
        _bench.Upstream.Fault = async (http, serve) =>
        {
            if (http.Request.Path.Value!.EndsWith(".ipk", StringComparison.Ordinal))
            {
                sent += await FaultyUpstream.EndlessAsync(http);
            }
            else
            {
                await serve();
            }
        };

        (await _bench.FailsAsync(_bench.Settings(MirrorKind.Opkg, $"/{Base}"))).Should().Contain("a_1.0_x86_64.ipk', named by 'Packages.gz': it goes on behind the ");
        sent.Should().BeLessThan(100_000_000, "nine times, of which the sockets hold most");
    }

    [Fact]
    public async Task A_package_that_ends_early_without_a_word_on_its_length_goes_on_where_it_was()
    {
        _feeds.AddIpk(Base, "a", "1.0", new string('x', 50_000));
        _feeds.WriteOpkgIndex(Base);
        var cut = (int)new FileInfo(_feeds[$"{Base}/a_1.0_x86_64.ipk"]).Length / 2;
        _bench.Upstream.Fault = async (http, serve) =>
        {
            if (http.Request.Path.Value!.EndsWith(".ipk", StringComparison.Ordinal) && http.Request.Headers.Range.Count == 0)
            {
                http.Response.Headers.TransferEncoding = "identity"; // neither a length nor chunks: the end of the connection is the end
                http.Response.Headers.ETag = _bench.Upstream.TagOf($"{Base}/a_1.0_x86_64.ipk");
                await http.Response.Body.WriteAsync((await File.ReadAllBytesAsync(_feeds[$"{Base}/a_1.0_x86_64.ipk"])).AsMemory(0, cut));
            }
            else
            {
                await serve();
            }
        };

        (await SyncAsync(MirrorKind.Opkg, $"/{Base}")).Should().ContainKey("a_1.0_x86_64.ipk");

        _bench.Upstream.Requests.Should().ContainSingle(request => request.Status == 206).Which.Headers.Range.ToString().Should().Be($"bytes={cut}-");
    }

    [Theory]
    [InlineData("other", "", "dists/other/Release is not there")]
    [InlineData("stable", "universe", "has none of the components and architectures")]
    public async Task A_suite_or_a_component_that_is_not_there_is_named(string suite, string component, string reason)
    {
        _feeds.AddDeb("a", "1.0");
        _feeds.WriteAptIndex(options: "-o APT::FTPArchive::Release::Components=main -o APT::FTPArchive::Release::Architectures=amd64");
        var settings = _bench.Settings(MirrorKind.Apt, $"/{SampleFeeds.AptRoot}") with { Suites = [suite], Components = component.Length == 0 ? [] : [component] };

        (await _bench.FailsAsync(settings)).Should().Contain(reason);
    }

    [Fact]
    public async Task A_repository_of_rpm_is_taken_with_all_that_its_repomd_names()
    {
        _feeds.AddRpm("a", "1.0");
        _feeds.WriteRpmIndex();

        var files = await SyncAsync(MirrorKind.Rpm, $"/{SampleFeeds.RpmFolder}");

        files.Keys.Should().Contain("repodata/repomd.xml").And.Contain(path => path.Contains("primary.xml", StringComparison.Ordinal))
            .And.Contain(path => path.Contains("filelists.xml", StringComparison.Ordinal)).And.Contain(path => path.Contains("other.xml", StringComparison.Ordinal))
            .And.Contain(path => path.EndsWith("a-1.0-1.noarch.rpm", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_tree_without_a_feed_of_the_kind_is_refused()
    {
        _feeds.AddOpkg(Base, ("a", "1.0"));

        (await _bench.FailsAsync(_bench.Settings(MirrorKind.Rpm))).Should().EndWith("has no rpm feed: check the address of the upstream");
    }

    private Task<Dictionary<string, MirroredFile>> SyncAsync(MirrorKind kind, string path = "/") => _bench.SyncAsync(kind, path);

    private void Trust(params string[] keys)
    {
        _bench.Trust.Clear();
        _bench.Trust.AddRange(keys.Select(key => new TrustedKeyFile("key", key, System.Text.Encoding.UTF8.GetBytes(key))));
    }

    // so that upstream's answers tell one version of a file from the next
    private void Age() => _feeds.Shell("find . -exec touch -d '2026-01-01' {} +");
}
