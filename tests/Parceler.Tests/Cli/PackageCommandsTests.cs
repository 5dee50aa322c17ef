using System.Globalization;
using Parceler.Tests.Feeds;
using Parceler.Tests.Support;

namespace Parceler.Tests.Cli;

/// <summary>Operators see packages: which version is where, what differs, what comes when.</summary>
[Trait("Speed", "slow")]
public sealed class PackageCommandsTests : IDisposable
{
    private readonly TestCommands _parceler = new();
    private readonly SampleFeeds _upstream = new();

    [Fact]
    public async Task Tells_which_version_is_where_and_when_it_will_be_served()
    {
        await StoryAsync();
        var instants = await InstantsAsync();
        var from = instants[0].AddDays(7);

        var printed = await _parceler.DoneAsync("package", "search", "alpha", "--repository", "net");
        var json = (await _parceler.DoneAsync("package", "search", "alpha", "--json")).Json;

        printed.Lines.Select(line => line.Split('\t')).Select(cells => $"{cells[1]} {cells[2]} {cells[4]}").Should().Equal(
            string.Create(CultureInfo.InvariantCulture, $"alpha 1.1-r1 served from {from:yyyy-MM-dd HH:mm} UTC"), "alpha 1.0-r1 served now");
        printed.Lines[0].Should().EndWith($"opkg {SampleFeeds.OpkgFolder}");
        json.EnumerateArray().Select(entry => (entry.GetProperty("version").GetString(), entry.GetProperty("snapshots").GetArrayLength(), entry.GetProperty("served").GetBoolean()))
            .Should().Equal(("1.1-r1", 2, false), ("1.0-r1", 1, true));
        json[0].GetProperty("servedFrom").GetDateTimeOffset().Should().Be(from);
    }

    [Fact]
    public async Task Finds_packages_by_patterns_and_says_when_there_is_none()
    {
        await StoryAsync();

        (await _parceler.DoneAsync("package", "search", "*", "--all-repositories")).Lines.Select(line => line.Split('\t')[1]).Distinct().Should().Equal("alpha", "beta", "gamma");
        var none = await _parceler.RunAsync("package", "search", "alph", "--repository", "net");
        (none.Status, none.Error).Should().Be((1, "No snapshot of 'net' has a package 'alph'\n"));
        (await _parceler.RunAsync("package", "search", "a", "--repository", "net", "--all-repositories")).Status.Should().Be(2);
    }

    [Fact]
    public async Task Compares_the_served_with_the_newest_snapshot_package_by_package()
    {
        await StoryAsync();

        var printed = await _parceler.DoneAsync("snapshot", "diff", "net", "--served", "--newest");
        var json = (await _parceler.DoneAsync("snapshot", "diff", "net", "--served", "--newest", "--json")).Json;

        printed.Lines.Select(line => string.Join(' ', line.Split('\t').Take(5))).Should().Equal(
            "upgraded alpha x86_64 1.0-r1 1.1-r1", "rebuilt beta x86_64 2-r1 2-r1", "added gamma x86_64 - 1", "+ README");
        json.EnumerateArray().Select(entry => entry.GetProperty("change").GetString()).Should().Equal("upgraded", "rebuilt", "added", "added");
        json[0].GetProperty("sizeAfter").GetInt64().Should().BePositive();
        json[3].TryGetProperty("package", out _).Should().BeFalse();
    }

    [Fact]
    public async Task Compares_named_snapshots_and_files_on_request()
    {
        await StoryAsync();
        var instants = (await InstantsAsync()).ConvertAll(instant => instant.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture));

        (await _parceler.DoneAsync("snapshot", "diff", "net", instants[0], instants[1])).Lines.Should().HaveCount(1).And.ContainMatch("upgraded\talpha*");
        (await _parceler.DoneAsync("snapshot", "diff", "net", instants[1], "--newest")).Lines.Should().HaveCount(3);
        (await _parceler.DoneAsync("snapshot", "diff", "net", "--served", "--newest", "--files")).Lines.Should()
            .Contain(["+ README", $"- {SampleFeeds.OpkgFolder}/alpha_1.0-r1_x86_64.ipk", $"~ {SampleFeeds.OpkgFolder}/Packages.gz"]);
        (await _parceler.RunAsync("snapshot", "diff", "net", instants[0])).Status.Should().Be(2);
        (await _parceler.RunAsync("snapshot", "diff", "net", instants[0], instants[1], "--newest")).Status.Should().Be(2);
    }

    [Fact]
    public async Task Shows_what_is_released_when()
    {
        await StoryAsync();
        var instants = await InstantsAsync();

        var printed = await _parceler.DoneAsync("repository", "preview", "net", "--days", "8");
        var json = (await _parceler.DoneAsync("repository", "preview", "net", "--days", "8", "--json")).Json;

        printed.Lines.Select(line => string.Join(' ', line.Split('\t').Take(1).Concat(line.Split('\t').Skip(2).Take(5)))).Should().Equal(
            "now served - - - -",
            $"{Text(instants[0].AddDays(7))} upgraded alpha x86_64 1.0-r1 1.1-r1",
            $"{Text(instants[1].AddDays(7))} rebuilt beta x86_64 2-r1 2-r1",
            $"{Text(instants[1].AddDays(7))} added gamma x86_64 - 1");
        json.EnumerateArray().Select(entry => entry.GetProperty("snapshot").GetString()).Should().Equal(instants.Select(Text));
        json[2].GetProperty("files").GetInt32().Should().Be(1);

        await _parceler.DoneAsync("repository", "freeze", "net");
        var frozen = await _parceler.DoneAsync("repository", "preview", "net");
        (frozen.Lines.Length, frozen.Error).Should().Be((1, "Nothing else of 'net' is released within 7 days: frozen\n"));
        (await _parceler.DoneAsync("package", "search", "gamma")).Lines.Should().ContainSingle().Which.Should().Contain("\tnot served\t");
    }

    [Fact]
    public async Task Lists_the_feeds_of_a_repository()
    {
        _upstream.Add("rpm");
        await StoryAsync();

        (await _parceler.DoneAsync("repository", "show", "net")).Lines.Should().Contain([$"Feed\topkg {SampleFeeds.OpkgFolder}: 3 packages, unsigned", $"Feed\trpm {SampleFeeds.RpmFolder}: 2 packages, unsigned"]);
        (await _parceler.DoneAsync("repository", "show", "net", "--json")).Json.GetProperty("feeds").GetArrayLength().Should().Be(2);
    }

    [Fact]
    public async Task Marks_security_fixes()
    {
        _upstream.AddDeb("alpha", "1");
        _upstream.WriteAptIndex(suite: "stable-security");
        await SyncAsync(create: true);
        _upstream.AddDeb("alpha", "2");
        _upstream.WriteAptIndex(suite: "stable-security");
        await SyncAsync();

        (await _parceler.DoneAsync("snapshot", "diff", "net", "--served", "--newest")).Lines.Should().ContainSingle().Which.Should().Contain("\tsecurity\tapt debian/dists/stable-security");
        (await _parceler.DoneAsync("repository", "preview", "net", "--days", "8")).Lines[^1].Should().Contain("upgraded\talpha").And.Contain("\tsecurity\t");
    }

    [Fact]
    public async Task Shows_other_files_beside_a_flat_suite()
    {
        _upstream.AddDeb("alpha", "1", folder: "flat");
        _upstream.WriteFlatIndex("flat", ".");
        _upstream.Write("flat/NEWS", "old");
        await SyncAsync(create: true);
        _upstream.AddDeb("alpha", "2", folder: "flat");
        _upstream.WriteFlatIndex("flat", ".");
        _upstream.Write("flat/NEWS", "new");
        await SyncAsync();

        (await _parceler.DoneAsync("snapshot", "diff", "net", "--served", "--newest")).Lines.Select(line => line.Split('\t')[0]).Should().Equal("upgraded", "~ flat/NEWS");
    }

    [Fact]
    public async Task Tells_of_a_feed_that_cannot_be_read_and_shows_its_files()
    {
        await StoryAsync();
        _upstream.Write($"{SampleFeeds.OpkgFolder}/Packages.gz", "damaged");
        File.Delete(_upstream[$"{SampleFeeds.OpkgFolder}/Packages"]);
        await _parceler.DoneAsync("repository", "edit", "net", "--gate", "off");
        await SyncAsync();

        var printed = await _parceler.DoneAsync("snapshot", "diff", "net", "--served", "--newest");

        printed.Error.Should().StartWith($"warning: net: opkg feed '{SampleFeeds.OpkgFolder}': it can't be read");
        printed.Lines.Should().Contain($"~ {SampleFeeds.OpkgFolder}/Packages.gz");
        (await _parceler.DoneAsync("package", "search", "alpha")).Error.Should().Contain("it can't be read");
    }

    public void Dispose()
    {
        _parceler.Dispose();
        _upstream.Dispose();
    }

    // three snapshots: alpha is upgraded; then beta is rebuilt, gamma comes, and a file that belongs to no feed
    private async Task StoryAsync()
    {
        _upstream.Add("opkg");
        await SyncAsync(create: true);
        _upstream.Shell($"rm {SampleFeeds.OpkgFolder}/alpha*");
        _upstream.AddIpk(SampleFeeds.OpkgFolder, "alpha", "1.1-r1", "");
        _upstream.WriteOpkgIndex(SampleFeeds.OpkgFolder);
        await SyncAsync();
        _upstream.AddIpk(SampleFeeds.OpkgFolder, "beta", "2-r1", "rebuilt");
        _upstream.AddIpk(SampleFeeds.OpkgFolder, "gamma", "1", "");
        _upstream.WriteOpkgIndex(SampleFeeds.OpkgFolder);
        _upstream.Write("README", "new");
        await SyncAsync();
    }

    private async Task SyncAsync(bool create = false)
    {
        if (create)
        {
            await _parceler.DoneAsync("repository", "create", "net", "--command", $"rm -rf source/net/* && cp -a '{_upstream["."]}/.' source/net/");
            await _parceler.WorkAsync();
            return;
        }

        await _parceler.SyncAsync("net");
    }

    private async Task<List<DateTimeOffset>> InstantsAsync() =>
        [.. (await _parceler.DoneAsync("snapshot", "list", "net", "--json")).Json.EnumerateArray().Select(entry => entry.GetProperty("instant").GetDateTimeOffset())];

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
}
