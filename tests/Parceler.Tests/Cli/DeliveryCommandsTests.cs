using System.Globalization;
using System.Text.Json;
using Parceler.Tests.Support;

namespace Parceler.Tests.Cli;

/// <summary>What decides which files machines get, and shows it.</summary>
public sealed class DeliveryCommandsTests : IDisposable
{
    private readonly TestCommands _parceler = new();

    public void Dispose() => _parceler.Dispose();

    [Fact]
    public async Task Lists_the_snapshots_with_the_served_one()
    {
        await _parceler.CreateSyncedAsync("demo", "a.ipk", "feed/b.ipk");
        await _parceler.SyncAsync("demo");

        var snapshots = (await _parceler.DoneAsync("repository", "snapshots", "demo", "--json")).Json.EnumerateArray().ToList();
        snapshots.Should().HaveCount(2);
        snapshots[0].EnumerateObject().Select(p => p.Name).Should().Equal("instant", "files", "bytes", "newBytes", "served", "reason");
        snapshots.Select(s => s.GetProperty("served").GetBoolean()).Should().Equal(true, false);
        snapshots[0].GetProperty("reason").GetString().Should().Be("oldest within 7 days");
        snapshots[1].GetProperty("reason").ValueKind.Should().Be(JsonValueKind.Null);
        snapshots[0].GetProperty("files").GetInt64().Should().Be(2);

        var lines = (await _parceler.DoneAsync("snapshot:list", "demo")).Lines;
        lines.Should().HaveCount(2).And.AllSatisfy(line => line.Split('\t').Should().HaveCount(7));
        lines[0].Should().Contain("\tserved\t");
        lines[1].Should().NotContain("served");
    }

    [Fact]
    public async Task Lists_served_files_the_source_a_snapshot_and_everything()
    {
        await _parceler.CreateSyncedAsync("demo", "a.ipk", "feed/b+c.ipk");
        await _parceler.CreateSyncedAsync("other", "z.ipk");
        var instant = await NewestAsync("demo");

        (await FilesAsync("demo")).Should().Equal("a.ipk", "feed/b+c.ipk");
        (await FilesAsync("demo", "source/demo")).Should().Equal("source/demo/a.ipk", "source/demo/feed/b+c.ipk");
        (await FilesAsync("demo", "source/demo/feed/")).Should().Equal("source/demo/feed/b+c.ipk");
        (await FilesAsync("demo", $"snapshots/demo/{instant}")).Should().Equal($"snapshots/demo/{instant}/a.ipk", $"snapshots/demo/{instant}/feed/b+c.ipk");
        (await FilesAsync("demo", $"./snapshots/demo/{instant}/feed")).Should().Equal($"snapshots/demo/{instant}/feed/b+c.ipk");
        (await FilesAsync("demo", "snapshots/demo")).Should().HaveCount(2);
        var everything = await FilesAsync("demo", ".");
        everything.Should().HaveCount(6).And.Contain("source/other/z.ipk").And.Contain($"snapshots/demo/{instant}/a.ipk");

        var json = (await _parceler.DoneAsync("repository:list-files", "demo", "--json")).Json.EnumerateArray().ToList();
        json[0].GetProperty("sha256").GetString().Should().HaveLength(64);
        json[0].GetProperty("size").GetInt64().Should().Be(6);
        var source = (await _parceler.DoneAsync("repository", "files", "demo", "source/demo", "--json")).Json.EnumerateArray().First();
        source.GetProperty("sha256").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Fact]
    public async Task Warns_when_the_manifest_of_the_served_snapshot_cannot_be_read()
    {
        await _parceler.CreateSyncedAsync("demo", "a.ipk");
        var manifest = Path.Combine(_parceler.Storage, $"snapshots/demo/{await NewestAsync("demo")}.manifest");
        (await _parceler.DoneAsync("repository", "list")).Error.Should().BeEmpty();

        await File.WriteAllTextAsync(manifest, "{", TestContext.Current.CancellationToken);
        var damaged = await _parceler.DoneAsync("repository", "snapshots", "demo");
        File.Delete(manifest);
        var gone = await _parceler.DoneAsync("repository", "list");

        damaged.Error.Should().Contain("warning: demo: ").And.Contain("is damaged");
        gone.Error.Should().Contain("warning: demo: ").And.Contain("is gone");
    }

    [Fact]
    public async Task Lists_everything_but_a_damaged_snapshot()
    {
        await _parceler.CreateSyncedAsync("demo", "a.ipk");
        await _parceler.CreateSyncedAsync("other", "z.ipk");
        var damaged = Path.Combine(_parceler.Storage, $"snapshots/demo/{await NewestAsync("demo")}.manifest");
        await File.WriteAllTextAsync(damaged, "{", TestContext.Current.CancellationToken);

        var listed = await _parceler.RunAsync("repository", "files", "demo", ".");
        var json = await _parceler.RunAsync("repository", "files", "demo", ".", "--json");

        (listed.Status, json.Status).Should().Be((1, 1));
        listed.Error.Should().Contain(Path.GetFileName(damaged)).And.Contain("is damaged");
        listed.Lines.Should().HaveCount(3).And.Contain(line => line.StartsWith("snapshots/other/", StringComparison.Ordinal));
        json.Json.GetArrayLength().Should().Be(3);
    }

    [Theory]
    [InlineData("no 'nothing'", "nothing")]
    [InlineData("no 'blobs'", "blobs")]
    [InlineData("no path", "../etc")]
    [InlineData("no path", "source/../../etc")]
    [InlineData("no snapshot '2001'", "snapshots/demo/2001")]
    public async Task Refuses_paths_that_lead_nowhere(string says, string path)
    {
        await _parceler.CreateSyncedAsync("demo", "a.ipk");

        var refused = await _parceler.RunAsync("repository", "files", "demo", path);

        refused.Status.Should().Be(1);
        refused.Error.Should().Contain(says);
    }

    [Fact]
    public async Task Freezes_warns_when_the_frozen_one_is_gone_and_unfreezes()
    {
        await _parceler.CreateSyncedAsync("demo", "a.ipk");
        await _parceler.SyncAsync("demo");
        var newest = await NewestAsync("demo");

        (await _parceler.DoneAsync("repository", "freeze", "demo", $"snapshots/demo/{newest}")).Out.Should().Contain(newest);
        (await _parceler.RunAsync("repository", "freeze", "demo")).Status.Should().Be(1);
        var frozen = (await _parceler.DoneAsync("repository", "list", "--json")).Json[0];
        frozen.GetProperty("frozen").GetBoolean().Should().BeTrue();
        frozen.GetProperty("servedSnapshot").GetString().Should().Be(newest);
        (await _parceler.RunAsync("snapshot", "delete", "demo", newest)).Error.Should().Contain("is frozen");
        (await FrozenSinceAsync()).GetDateTimeOffset().Should().BeWithin(TimeSpan.FromMinutes(1)).Before(DateTimeOffset.UtcNow);

        await ForgetAsync(newest);
        foreach (string[] listing in new string[][] { ["repository", "list"], ["repository", "show", "demo"], ["repository", "snapshots", "demo"], ["repository", "list", "--json"] })
        {
            (await _parceler.DoneAsync(listing)).Error.Should().Contain("warning: demo: the frozen snapshot").And.Contain("is gone");
        }

        (await _parceler.DoneAsync("repository", "unfreeze", "demo")).Out.Should().Contain("machines get");
        (await _parceler.RunAsync("repository", "unfreeze", "demo")).Error.Should().Contain("is not frozen");
        (await FrozenSinceAsync()).ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("snapshots/demo")]
    [InlineData("repositories")]
    [InlineData("blobs")]
    [InlineData("work/../repositories")]
    public async Task Freezes_no_folder_of_its_own(string folder)
    {
        await _parceler.CreateSyncedAsync("demo", "a.ipk");

        var refused = await _parceler.RunAsync("repository", "freeze", "demo", folder);

        (refused.Status, refused.Error.Contains($"'{folder}'", StringComparison.Ordinal)).Should().Be((1, true));
        (await _parceler.DoneAsync("repository", "list", "--json")).Json[0].GetProperty("frozen").GetBoolean().Should().BeFalse();
    }

    [Fact]
    public async Task Freezes_no_source_while_a_sync_fills_it()
    {
        await _parceler.CreateSyncedAsync("demo", "a.ipk");
        var go = Path.Combine(_parceler.Storage, "go");
        await _parceler.DoneAsync("repository", "edit", "demo", "--command", $"touch '{go}.waits'; while [ ! -e '{go}' ]; do sleep 0.05; done");
        await using var worker = await _parceler.StartWorkerAsync();
        await _parceler.DoneAsync("repository", "sync", "demo");
        await Wait.UntilAsync(() => File.Exists(go + ".waits"), "the command runs");

        var refused = await _parceler.RunAsync("repository", "freeze", "demo", "source/demo");
        await File.WriteAllTextAsync(go, "", TestContext.Current.CancellationToken);

        refused.Status.Should().Be(1);
        refused.Error.Should().Contain("is being filled by job 2");
    }

    [Fact]
    public async Task Compares_and_deletes_snapshots()
    {
        await _parceler.CreateSyncedAsync("demo", "a.ipk", "b.ipk");
        var first = await NewestAsync("demo");
        File.WriteAllText(Path.Combine(_parceler.Storage, "source/demo/c.ipk"), "new");
        await _parceler.DoneAsync("repository", "edit", "demo", "--command", "rm source/demo/a.ipk; echo more >> source/demo/b.ipk");
        await _parceler.SyncAsync("demo");
        var second = await NewestAsync("demo");

        (await _parceler.DoneAsync("snapshot", "diff", "demo", first, second)).Lines.Should().Equal("- a.ipk", "~ b.ipk", "+ c.ipk");
        (await _parceler.DoneAsync("snapshot", "diff", "demo", first, second, "--json")).Json[0].GetProperty("change").GetString().Should().Be("removed");
        (await _parceler.RunAsync("snapshot", "delete", "demo", first, "2001")).Status.Should().Be(1);
        (await _parceler.DoneAsync("snapshot", "delete", "demo", first, "--now")).Out.Should().Contain($"Snapshot {first}").And.Contain($"machines get {second}");
    }

    [Fact]
    public async Task Releases_past_the_delay()
    {
        await _parceler.CreateSyncedAsync("demo", "a.ipk");
        var before = await NewestAsync("demo");
        await using var worker = await _parceler.StartWorkerAsync();

        var released = await _parceler.DoneAsync("repository", "release", "demo", "--wait");

        released.Out.Should().Contain("The release of 'demo' is done");
        var shown = (await _parceler.DoneAsync("repository", "show", "demo", "--json")).Json;
        shown.GetProperty("releaseMark").GetString().Should().NotBeNull().And.NotBe(before).And.Be(shown.GetProperty("servedSnapshot").GetString());
    }

    [Fact]
    public async Task Lists_a_source_whose_links_lead_back_into_it()
    {
        await _parceler.DoneAsync("repository", "create", "demo", "--command", "true", "--no-sync");
        var folder = Directory.CreateDirectory(Path.Combine(_parceler.Storage, "source/demo/d")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "a.ipk"), "a", TestContext.Current.CancellationToken);
        foreach (var name in (string[])["x", "y", "z"])
        {
            File.CreateSymbolicLink(Path.Combine(folder, name), "../d");
        }

        (await FilesAsync("demo", ".")).Should().Equal("source/demo/d/a.ipk");
    }

    [Fact]
    public async Task Edits_shows_and_deletes_a_repository()
    {
        await _parceler.CreateSyncedAsync("demo", "a.ipk");

        await _parceler.DoneAsync("repository", "edit", "demo", "--delay", "3", "--time-limit", "60", "--allow-empty");
        (await _parceler.DoneAsync("repository", "edit", "demo", "--allow-empty", "false")).Out.Should().Contain("changed");
        var shown = (await _parceler.DoneAsync("repository", "show", "demo", "--json")).Json;
        (shown.GetProperty("delay").GetInt32(), shown.GetProperty("timeLimitSeconds").GetInt64(), shown.GetProperty("allowEmpty").GetBoolean()).Should().Be((3, 60L, false));
        (await _parceler.DoneAsync("repository", "show", "demo")).Lines.Should().Contain("Delay\t3").And.Contain("Time limit\t60 s");
        (await _parceler.RunAsync("repository", "edit", "demo")).Status.Should().Be(2);
        (await _parceler.RunAsync("repository", "edit", "demo", "--delay", "4", "--no-sync")).Status.Should().Be(2);
        (await _parceler.DoneAsync("repository", "edit", "demo", "--sync")).Out.Should().Contain("queued as job 2").And.NotContain("changed");
        (await _parceler.RunAsync("repository", "edit", "unknown", "--sync")).Status.Should().Be(1);

        var unasked = await _parceler.RunAsync("repository", "delete", "demo");
        (unasked.Status, unasked.Error.Contains("--yes", StringComparison.Ordinal)).Should().Be((2, true));
        await _parceler.DoneAsync("repository", "delete", "demo", "--yes");
        (await _parceler.RunAsync("repository", "show", "demo")).Status.Should().Be(1);
        (await _parceler.DoneAsync("repository", "list", "--json")).Json.GetArrayLength().Should().Be(0);
    }

    private async Task<string[]> FilesAsync(params string[] words) => (await _parceler.DoneAsync(["repository", "files", .. words])).Lines;

    private async Task<string> NewestAsync(string name) =>
        (await _parceler.DoneAsync("repository", "snapshots", name, "--json")).Json.EnumerateArray().Last().GetProperty("instant").GetString()!;

    private async Task<JsonElement> FrozenSinceAsync() => (await _parceler.DoneAsync("repository", "show", "demo", "--json")).Json.GetProperty("frozenSince");

    // As an operator who removes the manifest, and the scan that notices it.
    private async Task ForgetAsync(string instant)
    {
        File.Delete(Path.Combine(_parceler.Storage, $"snapshots/demo/{instant}.manifest"));
        var seconds = DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture).ToUnixTimeSeconds();
        await _parceler.SqlAsync($"delete from snapshots where instant = {seconds}");
    }
}
