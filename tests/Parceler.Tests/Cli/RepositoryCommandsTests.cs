using System.Text.Json;

namespace Parceler.Tests.Cli;

public sealed class RepositoryCommandsTests : IDisposable
{
    private readonly TestCommands _parceler = new();

    public void Dispose() => _parceler.Dispose();

    [Fact]
    public async Task Creates_a_repository_syncs_it_and_lists_it()
    {
        var created = await _parceler.DoneAsync("repository:create", "demo", "--command", "echo a > source/demo/a.ipk");
        created.Out.Should().Contain("'demo' was created").And.Contain("delay of 7 days").And.Contain("job 1");
        created.Error.Should().Contain("No worker is running").And.Contain("parceler serve");

        await _parceler.WorkAsync();

        var entry = (await _parceler.DoneAsync("repository", "list", "--json")).Json.EnumerateArray().Single();
        entry.EnumerateObject().Select(p => p.Name).Should().Equal("name", "delay", "upstream", "sourceFolder", "frozen", "servedSnapshot", "servedReason", "lastSync", "signed");
        entry.GetProperty("name").GetString().Should().Be("demo");
        entry.GetProperty("delay").GetInt32().Should().Be(7);
        entry.GetProperty("frozen").GetBoolean().Should().BeFalse();
        entry.GetProperty("servedSnapshot").GetDateTimeOffset().Should().BeCloseTo(TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(2));
        entry.GetProperty("servedReason").GetString().Should().Be("oldest within 7 days");
        entry.GetProperty("lastSync").GetProperty("state").GetString().Should().Be("succeeded");
        entry.GetProperty("lastSync").GetProperty("error").ValueKind.Should().Be(JsonValueKind.Null);

        (await _parceler.DoneAsync("repository", "list")).Lines.Single().Split('\t').Should().HaveCount(6).And.StartWith(["demo", "7", "-"]);
    }

    [Theory]
    [InlineData("NAME is missing")]
    [InlineData("--command is missing", "demo")]
    [InlineData("no repository name", "de/mo", "--command", "true")]
    [InlineData("exclude each other", "demo", "--command", "true", "--sync", "--no-sync")]
    public async Task Says_what_a_new_repository_lacks(string says, params string[] words)
    {
        var refused = await _parceler.RunAsync(["repository", "create", .. words]);

        refused.Status.Should().Be(2);
        refused.Error.Should().Contain(says);
        refused.Out.Should().BeEmpty();
    }

    [Theory]
    [InlineData("--delay: '-1' is no whole number from 0 to 3650", "demo", "--command", "true", "--delay", "-1")]
    [InlineData("--delay: 'abc'", "demo", "--command", "true", "--delay", "abc")]
    [InlineData("--time-limit: '99999999999'", "demo", "--command", "true", "--time-limit", "99999999999")]
    [InlineData("command is empty", "demo", "--command", " ")]
    [InlineData("source folder", "demo", "--command", "true", "--source-folder", "../other")]
    public async Task Refuses_impossible_settings(string says, params string[] words)
    {
        var refused = await _parceler.RunAsync(["repository", "create", .. words]);

        refused.Status.Should().Be(2);
        refused.Error.Should().Contain(says).And.NotContain("   at ");
    }

    [Fact]
    public async Task Refuses_a_name_that_is_taken()
    {
        await _parceler.DoneAsync("repository", "create", "demo", "--command", "true", "--no-sync");

        var again = await _parceler.RunAsync("repository", "create", "demo", "--command", "true");

        again.Status.Should().Be(1);
        again.Error.Should().Contain("'demo' already");
        (await _parceler.DoneAsync("repository", "list", "--json")).Json.EnumerateArray().Single().GetProperty("lastSync").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Fact]
    public async Task Queues_no_sync_when_one_of_the_names_is_unknown()
    {
        await _parceler.DoneAsync("repository", "create", "demo", "--command", "true", "--no-sync");

        var refused = await _parceler.RunAsync("repository", "sync", "demo", "demmo");

        refused.Status.Should().Be(1);
        refused.Error.Should().Contain("no repository 'demmo'");
        refused.Out.Should().BeEmpty();
    }

    [Fact]
    public async Task Waits_for_the_first_try_of_every_sync()
    {
        await _parceler.DoneAsync("repository", "create", "good", "--command", "echo a > source/good/a.ipk", "--no-sync");
        await _parceler.DoneAsync("repository", "create", "bad", "--command", "echo no such host >&2; exit 3", "--no-sync");
        await using var worker = await _parceler.StartWorkerAsync();

        var both = await _parceler.RunAsync("repository", "sync", "good", "bad", "--wait");
        var good = await _parceler.RunAsync("repository", "sync", "good", "--wait");

        both.Status.Should().Be(1);
        both.Out.Should().Contain("The sync of 'good' is done: snapshot 20");
        both.Error.Should().Contain("'bad' made no snapshot").And.Contain("no such host").And.NotContain("No worker");
        good.Status.Should().Be(0);
        good.Error.Should().BeEmpty();
    }

    [Fact]
    public async Task Shows_the_log_and_a_table_on_a_terminal()
    {
        _parceler.OnTerminal = true;
        await _parceler.DoneAsync("repository", "create", "demo", "--command", "echo 'a [line]'; echo a > source/demo/a.ipk", "--no-sync");
        await using var worker = await _parceler.StartWorkerAsync();

        var synced = await _parceler.DoneAsync("repository", "sync", "demo", "--wait");
        var listed = await _parceler.DoneAsync("repository", "list");
        var verified = await _parceler.DoneAsync("verify");

        synced.Error.Should().Contain("a [line]");
        listed.Out.Should().Contain("Served snapshot").And.Contain("demo").And.NotContain("\t");
        verified.Out.Should().Contain("All is well");
    }
}
