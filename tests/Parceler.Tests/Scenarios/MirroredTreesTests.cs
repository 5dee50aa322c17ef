using System.Globalization;
using Microsoft.AspNetCore.Http;
using Parceler.Tests.Cli;
using Parceler.Tests.Feeds;
using Parceler.Tests.Upstreams.Mirrors;

namespace Parceler.Tests.Scenarios;

/// <summary>What upstreams do over the days, and what the operator of a mirror is told.</summary>
[Trait("Speed", "slow")]
public sealed class MirroredTreesTests : IAsyncLifetime
{
    private readonly SampleFeeds _feeds = new();
    private readonly TestCommands _parceler = new();
    private FaultyUpstream _upstream = null!;

    public async ValueTask InitializeAsync()
    {
        _parceler.Settings["GATE_TRIES"] = "1";
        _parceler.Settings["GATE_WAIT_S"] = "0";
        _upstream = await FaultyUpstream.StartAsync(_feeds[""]);
    }

    public async ValueTask DisposeAsync()
    {
        await _upstream.DisposeAsync();
        _parceler.Dispose();
        _feeds.Dispose();
    }

    [Theory]
    [InlineData(3, ", which is served: its Valid-Until, DATE, is before the next one is released, ", "its Valid-Until, DATE, is before its release, ")]
    [InlineData(-1, ", which is served: its Valid-Until, DATE, is over: apt refuses it", "its Valid-Until, DATE, is over: apt refuses it")]
    public async Task A_suite_that_ends_before_machines_get_it_is_told_on_every_day(int days, string ofServed, string ofNewest)
    {
        var until = PublishApt(days);
        var date = until.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        await CreateAsync("apt", SampleFeeds.AptRoot, "--suite", "stable", "--trust", Key(SampleFeeds.OpenPgpKey.ToPublicText()));

        await _parceler.SyncAsync("net"); // nothing has changed

        var shown = await _parceler.DoneAsync("repository", "show", "net");
        foreach (var job in new[] { 1, 2 })
        {
            (await LogAsync(job)).Should().Contain($"gate: warning: apt feed 'dists/stable': {ofNewest.Replace("DATE", date, StringComparison.Ordinal)}");
        }

        shown.Lines.Where(line => line.StartsWith("Warning\t", StringComparison.Ordinal)).Should().HaveCount(2).And.SatisfyRespectively(
            line => line.Should().StartWith("Warning\tapt feed 'dists/stable' of snapshot ").And.Contain(ofServed.Replace("DATE", date, StringComparison.Ordinal)),
            line => line.Should().NotContain("which is served").And.Contain(ofNewest.Replace("DATE", date, StringComparison.Ordinal)));
        (await _parceler.DoneAsync("repository", "show", "net", "--json")).Json.GetProperty("feedWarnings").GetArrayLength().Should().Be(2);
    }

    [Fact]
    public async Task A_suite_that_holds_long_enough_is_not_told_of()
    {
        PublishApt(9);
        await CreateAsync("apt", SampleFeeds.AptRoot, "--suite", "stable");
        await _parceler.SyncAsync("net");

        (await LogAsync(1) + await LogAsync(2)).Should().NotContain("Valid-Until");
        (await _parceler.DoneAsync("repository", "show", "net")).Out.Should().NotContain("Warning\t");

        await _parceler.DoneAsync("repository", "edit", "net", "--delay", "10");
        await _parceler.SyncAsync("net");

        (await LogAsync(3)).Should().Contain("is before its release");
        (await _parceler.DoneAsync("repository", "show", "net")).Out.Should().Contain("is before its release");
    }

    [Fact]
    public async Task A_suite_that_goes_back_is_refused_until_an_operator_accepts_it()
    {
        PublishApt(9);
        await CreateAsync("apt", SampleFeeds.AptRoot, "--suite", "stable", "--trust", Key(SampleFeeds.OpenPgpKey.ToPublicText()));
        _feeds.AddDeb("beta", "1");
        _feeds.WriteAptIndex(date: "Thu, 01 Jan 2026 00:00:00 UTC");
        _feeds.SignApt();

        (await FailingSyncAsync()).Should().Contain("it was made at 2026-01-01 00:00:00Z").And.Contain("--accept-rollback");
        (await SnapshotsAsync()).Should().Be(1);

        await _parceler.DoneAsync("repository", "sync", "net", "--accept-rollback");
        await _parceler.WorkAsync();
        (await SnapshotsAsync()).Should().Be(2);
    }

    [Fact]
    public async Task A_package_that_was_replaced_in_place_is_taken_when_it_is_signed_and_raises_an_alarm()
    {
        _feeds.Add("opkg");
        await CreateAsync("opkg", SampleFeeds.OpkgFolder, "--trust", Key(SampleFeeds.UsignKey.PublicKey.ToText()));
        _feeds.AddIpk(SampleFeeds.OpkgFolder, "alpha", "1.0-r1", "rebuilt");
        await _parceler.SyncAsync("net");
        (await DiffAsync()).Should().BeEmpty("the index still names the one of before, which is there");

        _feeds.WriteOpkgIndex(SampleFeeds.OpkgFolder);
        await _parceler.SyncAsync("net");

        (await LogAsync(3)).Should().Contain("gate: alarm: opkg feed '.': alpha 1.0-r1: the same version as in the last snapshot, but other bytes; signed by ");
        (await DiffAsync()).Should().ContainSingle().Which.Should().StartWith("rebuilt\talpha");
    }

    [Fact]
    public async Task An_upstream_that_is_gone_makes_no_empty_snapshot_and_what_was_served_stays()
    {
        _feeds.Add("opkg");
        await CreateAsync("opkg", SampleFeeds.OpkgFolder);
        _upstream.Fault = (http, _) =>
        {
            http.Response.StatusCode = 404;
            return Task.CompletedTask;
        };

        (await FailingSyncAsync()).Should().Contain("lists nothing");
        (await SnapshotsAsync()).Should().Be(1);
    }

    private DateTimeOffset PublishApt(int validDays)
    {
        var until = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().AddDays(validDays).ToUnixTimeSeconds());
        _feeds.AddDeb("alpha", "1.0-1");
        _feeds.WriteAptIndex();
        _feeds.Change($"{SampleFeeds.Suite}/Release", "Suite: stable\n", $"Suite: stable\nValid-Until: {until.ToString("R", CultureInfo.InvariantCulture).Replace("GMT", "UTC", StringComparison.Ordinal)}\n");
        _feeds.SignApt();
        return until;
    }

    private string Key(string text) => _parceler.Folder.Write("key.pub", text);

    private async Task CreateAsync(string kind, string folder, params string[] options)
    {
        await _parceler.DoneAsync(["repository", "create", "net", "--upstream", kind, $"{_upstream.Address}/{folder}", "--delay", "7", .. options]);
        await _parceler.WorkAsync();
        (await SnapshotsAsync()).Should().Be(1);
    }

    private async Task<string> FailingSyncAsync()
    {
        await _parceler.SyncAsync("net");
        var last = (await _parceler.DoneAsync("repository", "list", "--json")).Json[0].GetProperty("lastSync");
        return last.GetProperty("error").GetString()!;
    }

    private async Task<string[]> DiffAsync() => (await _parceler.DoneAsync("snapshot", "diff", "net", "--served", "--newest")).Lines;

    private async Task<int> SnapshotsAsync() => (await _parceler.DoneAsync("repository", "snapshots", "net", "--json")).Json.GetArrayLength();

    private async Task<string> LogAsync(int job) => (await _parceler.DoneAsync("job", "show", $"{job}")).Out;
}
