using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Parceler.App.Cli;
using Parceler.Tests.Cli;
using Parceler.Tests.Support;

namespace Parceler.Tests.Scenarios;

/// <summary>The native executable, which has lost whatever nobody seemed to need: all that it does is done once, from outside.</summary>
[Trait("Speed", "slow")]
public sealed class NativeTests : IDisposable
{
    private const string File = "/repository/community/netsec/pool/a.ipk";
    private static readonly (string, string) s_machine = ("Authorization", RawRequest.Basic("site-1", "s3cret"));
    private readonly InstalledParceler _parceler;

    public NativeTests()
    {
        Assert.SkipWhen(InstalledParceler.Native is null, "PARCELER_NATIVE names no native executable; ./test publishes one");
        _parceler = new(InstalledParceler.Native) { Environment = { ["REPOSITORY_RELEASE_TOKEN"] = "release-token" } };
    }

    public void Dispose() => _parceler.Dispose();

    [Fact]
    public async Task One_machine_from_an_empty_folder_to_its_packages_and_back()
    {
        await CreateAsync();
        await using (var service = await _parceler.StartAsync("serve", "--urls", "http://127.0.0.1:0"))
        {
            await SyncsAsync();
            await DownloadsAsync(service.Address);
            await ReleasesAsync(service.Address);
            await FreezesAsync(service.Address);
            await RestsAsync(service.Address);
            await CleansUpAsync();
            (await service.TerminateAsync()).Should().Be(0);
            service.Log.Should().NotContainAny("error ", "alert ", "   at ");
        }

        await RecoversAsync();
    }

    [Fact]
    public async Task Every_command_has_its_help()
    {
        using var commands = new TestCommands();
        foreach (var path in PathsOf(CommandLine.Build(commands.Context(TextWriter.Null, TextWriter.Null)), []))
        {
            (await _parceler.DoneAsync([.. path, "--help"])).Lines.Should().Contain("Example:").And.Contain(line => line.StartsWith("Usage:", StringComparison.Ordinal));
        }

        (await _parceler.RunAsync("repository", "lst")).Status.Should().Be(2);
        (await _parceler.DoneAsync("--version")).Out.Should().MatchRegex(@"^\d+\.\d+");
    }

    [Fact]
    public async Task Keys_and_the_configuration_are_made_and_checked()
    {
        (await _parceler.DoneAsync("key", "generate", "--show")).Out.Should().StartWith("base64:");
        await _parceler.DoneAsync("key", "generate");
        System.IO.File.GetUnixFileMode(_parceler.Folder["storage/app.key"]).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);

        _parceler.Folder.Write("appsettings.json", """{ "TIERS": { "gold": { "Kind": "basic", "Endpoint": "https://gold.example/auth" } } }""");
        _parceler.Folder.Write(".env", "APP_TIMEZONE=Europe/Rome\n");
        (await _parceler.DoneAsync("config", "check")).Lines.Should().Contain(["APP_TIMEZONE\tEurope/Rome", "TIERS__gold__Endpoint\thttps://gold.example/auth"]);
        (await _parceler.DoneAsync("config", "check", "--json")).Json.GetProperty("APP_TIMEZONE").GetString().Should().Be("Europe/Rome");
        _parceler.Folder.Write(".env", "APP_TIMEZONE=Nowhere\nSYNC_SLOTS=none\n");
        (await _parceler.RunAsync("config", "check")).Error.Should().Contain("2 faults");
    }

    [Fact]
    public async Task The_roles_run_apart_on_one_storage()
    {
        await CreateAsync();
        await using var web = await _parceler.StartAsync("web", "--urls", "http://127.0.0.1:0");
        await using var worker = await _parceler.StartAsync("worker");
        await using var scheduler = await _parceler.StartAsync("scheduler");
        await _parceler.DoneAsync("machine", "add", "site-1", "--tier", "community", "--secret", "s3cret");

        await SyncAsync("one");
        var first = await ServedAsync();
        await SyncAsync("two");
        await SeesAsync(web.Address, "two");
        worker.Log.Should().Contain("repository.sync netsec started").And.Contain("succeeded");
        (web.Log + scheduler.Log).Should().NotContain("repository.sync");

        await _parceler.DoneAsync("repository", "freeze", "netsec", first);
        await SeesAsync(web.Address, "one");
        await _parceler.DoneAsync("repository", "unfreeze", "netsec");
        await SeesAsync(web.Address, "two");

        foreach (var role in new[] { web, worker, scheduler })
        {
            (await role.TerminateAsync()).Should().Be(0);
            role.Log.Should().NotContainAny("error ", "alert ", "   at ");
        }

        (await _parceler.DoneAsync("repository", "sync", "netsec")).Error.Should().Contain("No worker is running");
    }

    private async Task CreateAsync()
    {
        Write("one");
        string[] options = ["--command", $"rm -rf source/netsec/*; mkdir -p source/netsec/feed && cp -a '{_parceler.Folder["upstream"]}/.' source/netsec/feed/", "--source-folder", "feed"];
        await _parceler.DoneAsync(["repository", "create", "netsec", .. options, "--delay", "3", "--allow-empty", "--time-limit", "60", "--no-sync"]);
        await _parceler.DoneAsync("repository", "edit", "netsec", "--delay", "0", "--allow-empty", "false");
        var shown = (await _parceler.DoneAsync("repository", "show", "netsec", "--json")).Json;
        (shown.GetProperty("delay").GetInt32(), shown.GetProperty("timeLimitSeconds").GetInt32(), shown.GetProperty("sourceFolder").GetString()).Should().Be((0, 60, "feed"));
    }

    private async Task SyncsAsync()
    {
        (await _parceler.DoneAsync("repository", "sync", "netsec", "--wait")).Out.Should().Contain("The sync of 'netsec' is done");
        (await _parceler.DoneAsync("repository", "list", "--json")).Json[0].GetProperty("lastSync").GetProperty("state").GetString().Should().Be("succeeded");
        (await _parceler.DoneAsync("repository", "list")).Lines.Should().ContainSingle().Which.Should().StartWith("netsec\t0\t");
        (await _parceler.DoneAsync("repository", "files", "netsec")).Lines.Should().Equal("Packages", "pool/a.ipk");
        (await _parceler.DoneAsync("repository", "files", "netsec", ".")).Lines.Should().HaveCount(4);
        (await _parceler.DoneAsync("repository", "files", "netsec", "--json")).Json[0].GetProperty("sha256").GetString().Should().HaveLength(64);
        (await _parceler.DoneAsync("job", "list")).Lines.Should().ContainSingle();
        var job = (await _parceler.DoneAsync("job", "show", "1", "--json")).Json;
        job.GetProperty("state").GetString().Should().Be("succeeded");
        (await _parceler.DoneAsync("job", "show", "1")).Out.Should().Contain("rm -rf source/netsec/*");
        (await _parceler.RunAsync("job", "retry", "1")).Status.Should().Be(1);
        (await _parceler.RunAsync("job", "cancel", "1")).Status.Should().Be(1);
    }

    private async Task DownloadsAsync(Uri address)
    {
        await _parceler.DoneAsync("machine", "add", "site-1", "--tier", "community", "--secret", "s3cret", "--expires", "2999-12-31");
        await SeesAsync(address, "one");

        var file = await RawRequest.SendAsync(address, "GET", File, s_machine);
        file.Status.Should().Be(200);
        (await RawRequest.SendAsync(address, "GET", File)).ShouldBeEmpty(401);
        (await RawRequest.SendAsync(address, "GET", File, ("Authorization", RawRequest.Basic("site-1", "wrong")))).ShouldBeEmpty(403);
        (await RawRequest.SendAsync(address, "GET", File + "x", s_machine)).ShouldBeEmpty(404);
        var head = await RawRequest.SendAsync(address, "HEAD", File, s_machine);
        (head.Status, head["Content-Length"], head.Text).Should().Be((200, "3", ""));
        (await RawRequest.SendAsync(address, "GET", File, s_machine, ("If-None-Match", file["ETag"]!))).Status.Should().Be(304);
        var part = await RawRequest.SendAsync(address, "GET", File, s_machine, ("Range", "bytes=1-1"));
        (part.Status, part.Text).Should().Be((206, "n"));
        (await RawRequest.SendAsync(address, "GET", "/up")).Status.Should().Be(200);
        (await RawRequest.SendAsync(address, "GET", "/")).Text.Should().Contain("<h1>Parceler</h1>");

        (await _parceler.DoneAsync("machine", "list", "--json")).Json[0].GetProperty("systemId").GetString().Should().Be("site-1");
        (await _parceler.DoneAsync("machine", "list")).Lines.Should().ContainSingle();
        (await _parceler.DoneAsync("machine", "add", "site-2", "--tier", "community", "--json")).Json.GetProperty("secret").GetString().Should().HaveLength(64);
        await _parceler.DoneAsync("machine", "remove", "site-2", "--tier", "community");
    }

    private async Task ReleasesAsync(Uri address)
    {
        Write("two");
        (await _parceler.DoneAsync("repository", "release", "netsec", "--wait")).Out.Should().Contain("The release of 'netsec' is done");
        await SeesAsync(address, "two");

        var asked = await RawRequest.SendAsync(address, "POST", "/repository/netsec/release", ("Authorization", "Bearer release-token"), ("Content-Length", "0"));
        asked.Status.Should().Be(202);
        var job = JsonDocument.Parse(asked.Body).RootElement.GetProperty("job").GetInt64().ToString(CultureInfo.InvariantCulture);
        await Wait.UntilAsync(async () => (await _parceler.DoneAsync("job", "show", job, "--json")).Json.GetProperty("state").GetString() == "succeeded", "the release is done");
    }

    private async Task FreezesAsync(Uri address)
    {
        var frozen = await ServedAsync();
        await _parceler.DoneAsync("repository", "freeze", "netsec");
        await SyncAsync("three");
        (await ServedAsync()).Should().Be(frozen);
        await SeesAsync(address, "two");
        await _parceler.DoneAsync("repository", "unfreeze", "netsec");
        await SeesAsync(address, "three");

        var snapshots = (await _parceler.DoneAsync("snapshot", "list", "netsec", "--json")).Json.EnumerateArray().Select(s => s.GetProperty("instant").GetString()!).ToList();
        (await _parceler.DoneAsync("snapshot", "diff", "netsec", frozen, snapshots[^1])).Lines.Should().Equal("~ pool/a.ipk");
        (await _parceler.DoneAsync("snapshot", "diff", "netsec", frozen, snapshots[^1], "--json")).Json[0].GetProperty("sizeAfter").GetInt64().Should().Be(5);
        await _parceler.DoneAsync("snapshot", "delete", "netsec", frozen);
        (await _parceler.DoneAsync("repository", "snapshots", "netsec")).Lines.Should().HaveCount(snapshots.Count - 1);
        await _parceler.DoneAsync("repository", "freeze", "netsec", "source/netsec/feed");
        await _parceler.DoneAsync("repository", "unfreeze", "netsec");
    }

    private async Task RestsAsync(Uri address)
    {
        await _parceler.DoneAsync("down", "--retry", "7", "--secret", "let-me-in", "--message", "moving", "--redirect", "/sorry");
        await Wait.UntilAsync(async () => (await RawRequest.SendAsync(address, "GET", File, s_machine)).Status == 503, "the service is down");
        (await RawRequest.SendAsync(address, "GET", "/sorry"))["Retry-After"].Should().Be("7");
        (await RawRequest.SendAsync(address, "GET", "/let-me-in"))["Set-Cookie"].Should().NotBeNull();
        (await _parceler.DoneAsync("repository", "sync", "netsec")).Error.Should().Contain("down for maintenance");
        await _parceler.DoneAsync("up");
        await SeesAsync(address, "three");
    }

    private async Task CleansUpAsync()
    {
        (await _parceler.DoneAsync("gc", "--wait")).Out.Should().Contain("The garbage collection is done");
        (await _parceler.DoneAsync("verify")).Out.Should().Contain("All is well");
        (await _parceler.DoneAsync("verify", "--json")).Json.GetProperty("good").GetBoolean().Should().BeTrue();
    }

    private async Task RecoversAsync()
    {
        var served = await ServedAsync();
        foreach (var file in Directory.GetFiles(_parceler.Folder["storage"], "database.sqlite*"))
        {
            System.IO.File.Delete(file);
        }

        (await _parceler.RunAsync("repository", "list")).Status.Should().Be(2);
        (await _parceler.DoneAsync("recover")).Out.Should().Contain("Recovered 1 repositories").And.Contain("1 machines");
        (await ServedAsync()).Should().Be(served);
        await _parceler.DoneAsync("repository", "delete", "netsec", "--yes");
        (await _parceler.DoneAsync("repository", "list", "--json")).Json.GetArrayLength().Should().Be(0);
    }

    private async Task SyncAsync(string content)
    {
        Write(content);
        await _parceler.DoneAsync("repository", "sync", "netsec", "--wait");
    }

    private void Write(string content)
    {
        _parceler.Folder.Write("upstream/Packages", "an index");
        _parceler.Folder.Write("upstream/pool/a.ipk", content);
    }

    private async Task<string> ServedAsync() => (await _parceler.DoneAsync("repository", "show", "netsec", "--json")).Json.GetProperty("servedSnapshot").GetString()!;

    // What a command changes is seen by running services within a second.
    private static async Task SeesAsync(Uri address, string content)
    {
        var since = TimeProvider.System.GetTimestamp();
        await Wait.UntilAsync(async () => (await RawRequest.SendAsync(address, "GET", File, s_machine)).Body.AsSpan().SequenceEqual(Encoding.ASCII.GetBytes(content)), $"machines get {content}");
        TimeProvider.System.GetElapsedTime(since).Should().BeLessThan(TimeSpan.FromSeconds(1));
    }

    private static IEnumerable<string[]> PathsOf(Command command, string[] path) => command.Subcommands.SelectMany(sub => PathsOf(sub, [.. path, sub.Name])).Prepend(path);
}
