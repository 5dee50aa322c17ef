using Parceler.Tests.Support;

namespace Parceler.Tests.Cli;

/// <summary>Syncs and releases that are asked for while others wait or run.</summary>
public sealed class QueueCommandsTests : IDisposable
{
    private readonly TestCommands _parceler = new();

    private string Go => _parceler.Folder["go"];

    public void Dispose() => _parceler.Dispose();

    [Fact]
    public async Task A_sync_asked_for_while_one_runs_runs_once_more_after_it()
    {
        await CreateAsync($"touch '{Go}.waits'; while [ ! -e '{Go}' ]; do sleep 0.05; done; echo a > source/demo/a.ipk");
        await using var worker = await _parceler.StartWorkerAsync();
        var first = _parceler.RunAsync("repository", "sync", "demo", "--wait");
        await UntilAsync(() => File.Exists(Go + ".waits"));

        var second = await _parceler.DoneAsync("repository", "sync", "demo");
        var third = await _parceler.DoneAsync("repository", "sync", "demo");
        await File.WriteAllTextAsync(Go, "", TestContext.Current.CancellationToken);

        (await first).Status.Should().Be(0);
        second.Out.Should().Contain("queued as job 2");
        third.Out.Should().Be(second.Out, "it is the same request");
        (await _parceler.DoneAsync("repository", "sync", "demo", "--wait")).Out.Should().Contain("is done");
        (await StatesAsync()).Should().AllBe("succeeded").And.HaveCountLessThan(4);
    }

    [Fact]
    public async Task A_release_is_never_merged_into_a_sync_that_waits()
    {
        await CreateAsync("echo a > source/demo/a.ipk");

        var sync = await _parceler.DoneAsync("repository", "sync", "demo");
        var release = await _parceler.DoneAsync("repository", "release", "demo");
        var again = await _parceler.DoneAsync("repository", "sync", "demo");
        await _parceler.WorkAsync();

        (sync.Out, release.Out).Should().Be((again.Out, "The release of 'demo' is queued as job 2. To see it: parceler job show 2\n"));
        (await StatesAsync()).Should().Equal("succeeded", "succeeded");
        var shown = (await _parceler.DoneAsync("repository", "show", "demo", "--json")).Json;
        var newest = (await _parceler.DoneAsync("repository", "snapshots", "demo", "--json")).Json.EnumerateArray().Last().GetProperty("instant").GetString();
        (shown.GetProperty("releaseMark").GetString(), shown.GetProperty("servedSnapshot").GetString()).Should().Be((newest, newest));
    }

    [Fact]
    public async Task A_sync_asked_for_takes_the_place_of_a_retry_that_waits()
    {
        await CreateAsync("exit 3");
        await using var worker = await _parceler.StartWorkerAsync();
        var failed = await _parceler.RunAsync("repository", "sync", "demo", "--wait");
        await _parceler.DoneAsync("repository", "edit", "demo", "--command", "echo a > source/demo/a.ipk");

        var repaired = await _parceler.RunAsync("repository", "sync", "demo", "--wait");

        (failed.Status, repaired.Status).Should().Be((1, 0));
        failed.Error.Should().Contain("status 3").And.Contain("tried again at");
        (await StatesAsync()).Should().Equal("succeeded", "cancelled");
    }

    [Fact]
    public async Task A_release_that_fails_changes_nothing()
    {
        await _parceler.CreateSyncedAsync("demo", "a.ipk");
        await _parceler.DoneAsync("repository", "freeze", "demo");
        var before = (await _parceler.DoneAsync("repository", "show", "demo", "--json")).Json;
        await _parceler.DoneAsync("repository", "edit", "demo", "--command", "echo b > source/demo/a.ipk; exit 3");
        await using var worker = await _parceler.StartWorkerAsync();

        var released = await _parceler.RunAsync("repository", "release", "demo", "--wait");

        released.Status.Should().Be(1);
        released.Error.Should().Contain("status 3");
        var after = (await _parceler.DoneAsync("repository", "show", "demo", "--json")).Json;
        foreach (var name in new[] { "frozenSnapshot", "servedSnapshot", "releaseMark", "snapshots" })
        {
            after.GetProperty(name).ToString().Should().Be(before.GetProperty(name).ToString());
        }
    }

    private Task<Printed> CreateAsync(string command) => _parceler.DoneAsync("repository", "create", "demo", "--command", command, "--no-sync");

    private async Task<string[]> StatesAsync() =>
        [.. (await _parceler.DoneAsync("job", "list", "--json")).Json.EnumerateArray().Select(job => job.GetProperty("state").GetString()!)];

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var tries = 0; !condition(); tries++)
        {
            tries.Should().BeLessThan(200);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
