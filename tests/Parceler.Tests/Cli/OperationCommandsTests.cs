using System.Text.Json;

namespace Parceler.Tests.Cli;

/// <summary>Machines, jobs, maintenance, the store, the configuration.</summary>
public sealed class OperationCommandsTests : IDisposable
{
    private readonly TestCommands _parceler = new();

    public void Dispose() => _parceler.Dispose();

    [Fact]
    public async Task Makes_a_secret_and_shows_it_once()
    {
        var added = (await _parceler.DoneAsync("machine", "add", "site-1", "--tier", "community", "--json")).Json;
        var again = (await _parceler.DoneAsync("machine", "add", "site-2", "--tier", "community")).Out;

        var secret = added.GetProperty("secret").GetString()!;
        secret.Should().HaveLength(64);
        again.Should().Contain("shown this once: ").And.NotContain(secret);
        (await _parceler.DoneAsync("machine", "list", "--json")).Out.Should().Contain("site-1").And.NotContain(secret);
    }

    [Fact]
    public async Task Lists_machines_until_they_are_removed()
    {
        _parceler.Settings["APP_TIMEZONE"] = "Europe/Rome";
        _parceler.Input = "from-stdin\nmore";
        await _parceler.DoneAsync("machine", "add", "site-1", "--tier", "enterprise", "--secret-stdin", "--expires", "2027-12-31");
        var given = await _parceler.DoneAsync("machine", "add", "site-2", "--tier", "community", "--secret", "s3cret");

        given.Out.Should().NotContain("s3cret");
        given.Error.Should().BeEmpty();
        (await _parceler.DoneAsync("machine", "add", "site-2", "--tier", "community", "--expires", "2020-12-31")).Error.Should().Contain("in the past");
        (await _parceler.DoneAsync("machine", "list")).Lines.Should().HaveCount(2);
        (await _parceler.DoneAsync("machine", "list", "--tier", "enterprise")).Lines.Single().Should().StartWith("enterprise\tsite-1\t2027-12-31T23:00:00+00:00\t");
        await _parceler.DoneAsync("machine", "remove", "site-1", "--tier", "enterprise");
        (await _parceler.RunAsync("machine", "remove", "site-1", "--tier", "enterprise")).Status.Should().Be(1);
    }

    [Theory]
    [InlineData(1, "no tier 'gold'", "--tier", "gold")]
    [InlineData(2, "--tier")]
    [InlineData(2, "--expires", "--tier", "community", "--expires", "soon")]
    [InlineData(2, "secret is empty", "--tier", "community", "--secret-stdin")]
    [InlineData(2, "exclude each other", "--tier", "community", "--secret-stdin", "--secret", "x")]
    public async Task Refuses_a_machine_that_makes_no_sense(int status, string says, params string[] words)
    {
        var refused = await _parceler.RunAsync(["machine", "add", "site-1", .. words]);

        refused.Status.Should().Be(status);
        refused.Error.Should().Contain(says);
        (await _parceler.DoneAsync("machine", "list")).Out.Should().BeEmpty();
    }

    [Fact]
    public async Task Shows_retries_and_cancels_jobs()
    {
        await _parceler.DoneAsync("repository", "create", "demo", "--command", "echo to the log; exit 7");
        await _parceler.WorkAsync();

        var job = (await _parceler.DoneAsync("job", "show", "1", "--json")).Json;
        job.GetProperty("state").GetString().Should().Be("retrying");
        var lastSync = (await _parceler.DoneAsync("repository", "list", "--json")).Json[0].GetProperty("lastSync");
        lastSync.GetProperty("state").GetString().Should().Be("failed");
        lastSync.GetProperty("finishedAt").GetDateTimeOffset().Should().Be(job.GetProperty("finishedAt").GetDateTimeOffset());
        (await _parceler.DoneAsync("repository", "show", "demo")).Out.Should().Contain("failed, will be tried again");
        job.GetProperty("error").GetString().Should().Contain("7");
        job.GetProperty("log").EnumerateArray().Select(line => line.GetProperty("text").GetString()).Should().Contain("to the log");
        (await _parceler.DoneAsync("job", "show", "1")).Out.Should().Contain("try 1: to the log").And.Contain("State\tretrying");
        (await _parceler.RunAsync("job", "retry", "1")).Error.Should().Contain("is retrying");
        await _parceler.DoneAsync("job", "cancel", "1");
        (await _parceler.RunAsync("job", "cancel", "1")).Error.Should().Contain("over already: cancelled");
        await _parceler.DoneAsync("job", "retry", "1");
        (await _parceler.DoneAsync("job", "list", "--repository", "demo")).Lines.Single().Should().StartWith("1\trepository.sync\tdemo\twaiting\t0\t");
        (await _parceler.RunAsync("job", "show", "99")).Status.Should().Be(1);
    }

    [Fact]
    public async Task Goes_down_and_up_and_says_that_jobs_wait_meanwhile()
    {
        (await _parceler.DoneAsync("down", "--retry", "5", "--secret", "let-me-in", "--message", "new disks")).Out.Should().Contain("parceler up");
        (await _parceler.DoneAsync("gc")).Error.Should().Contain("down for maintenance");
        (await _parceler.DoneAsync("up")).Out.Should().Contain("The service is up");
        (await _parceler.DoneAsync("up")).Out.Should().Contain("already");
        (await _parceler.DoneAsync("gc")).Error.Should().NotContain("maintenance");
        (await _parceler.RunAsync("down", "--secret", "a/b")).Status.Should().Be(2);
        (await _parceler.RunAsync("down", "--redirect", "//evil.example")).Status.Should().Be(2);
    }

    [Fact]
    public async Task Finds_a_damaged_blob_and_takes_it_out()
    {
        await _parceler.CreateSyncedAsync("demo", "a.ipk");
        (await _parceler.DoneAsync("verify")).Out.Should().Contain("All is well: 1 blobs");
        var blob = Directory.GetFiles(Path.Combine(_parceler.Storage, "blobs"), "*", SearchOption.AllDirectories).Single();
        File.SetUnixFileMode(blob, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(blob, "A.ipk\n");

        var found = await _parceler.RunAsync("verify");
        var removed = await _parceler.RunAsync("verify", "--remove-damaged", "--json");

        found.Status.Should().Be(1);
        found.Lines.Single().Should().StartWith(Path.GetFileName(blob)).And.Contain("damaged").And.EndWith("/a.ipk");
        removed.Json.GetProperty("good").GetBoolean().Should().BeFalse();
        File.Exists(blob).Should().BeFalse();
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("garbage")]
    [InlineData("torn")]
    public async Task Recovers_a_database(string how)
    {
        await _parceler.CreateSyncedAsync("demo", "a.ipk");
        await _parceler.DoneAsync("repository", "freeze", "demo");
        var before = (await _parceler.DoneAsync("repository", "list", "--json")).Json[0];
        Harm(how);

        var refused = await _parceler.RunAsync("repository", "list");
        var recovered = await _parceler.DoneAsync("recover");

        refused.Status.Should().Be(how == "lost" ? 2 : 1);
        refused.Error.Should().Contain("parceler recover");
        recovered.Out.Should().Contain("1 repositories with 1 snapshots");
        Directory.GetFiles(_parceler.Storage, "database.sqlite.damaged-*").Should().HaveCount(how == "lost" ? 0 : 1);
        var after = (await _parceler.DoneAsync("repository", "list", "--json")).Json[0];
        after.GetProperty("servedSnapshot").GetString().Should().Be(before.GetProperty("servedSnapshot").GetString());
        after.GetProperty("frozen").GetBoolean().Should().BeTrue();
        (await _parceler.RunAsync("recover")).Error.Should().Contain("not lost");
    }

    [Theory]
    [InlineData("""{"parcelerRepository":1}""")]
    [InlineData("""{"parcelerRepository":1,"name":"../bad"}""")]
    [InlineData("{")]
    public async Task Recovers_the_rest_when_one_file_is_strange_and_that_one_later(string content)
    {
        await _parceler.CreateSyncedAsync("demo", "a.ipk");
        await _parceler.CreateSyncedAsync("bad", "b.ipk");
        var strange = Path.Combine(_parceler.Storage, "repositories/bad.json");
        var whole = File.ReadAllText(strange);
        File.WriteAllText(strange, content);
        Harm("lost");

        var first = await _parceler.RunAsync("recover");
        var again = await _parceler.RunAsync("recover");
        File.WriteAllText(strange, whole);
        var last = await _parceler.DoneAsync("recover");

        (first.Status, again.Status).Should().Be((1, 1));
        first.Error.Should().Contain("repositories/bad.json").And.Contain("once more: parceler recover");
        (first.Out, again.Out, last.Out).Should().Be((Recovered(1), Recovered(0), Recovered(1)));
        (await _parceler.DoneAsync("repository", "snapshots", "bad", "--json")).Json.GetArrayLength().Should().Be(1);
    }

    [Fact]
    public async Task Recovers_nothing_from_a_storage_that_is_not_there()
    {
        var refused = await _parceler.RunAsync("recover");

        refused.Status.Should().Be(1);
        refused.Error.Should().Contain("STORAGE_PATH");
    }

    [Fact]
    public async Task Prints_every_fault_of_the_configuration()
    {
        _parceler.Settings["APP_URL"] = "nowhere";
        _parceler.Settings["SYNC_SCHEDULE"] = "often";

        foreach (string[] words in new string[][] { ["config", "check"], ["repository", "list"] })
        {
            var refused = await _parceler.RunAsync(words);

            refused.Status.Should().Be(2);
            refused.Error.Should().Contain("2 faults").And.Contain("APP_URL: ").And.Contain("SYNC_SCHEDULE: ");
            refused.Out.Should().BeEmpty();
        }
    }

    [Fact]
    public async Task Prints_the_configuration_without_secrets()
    {
        _parceler.Settings["APP_KEY"] = "0123456789abcdef0123456789abcdef";
        _parceler.Settings["REPOSITORY_RELEASE_TOKEN"] = "t0ken";
        _parceler.Settings["ENTERPRISE_ENDPOINT"] = "https://user:pass@licence.example/auth";

        var printed = await _parceler.DoneAsync("config", "check");
        var json = (await _parceler.DoneAsync("config", "check", "--json")).Json;

        printed.Lines.Should().Contain("APP_KEY\t(set)").And.Contain("REPOSITORY_RELEASE_TOKEN\t(set)").And.Contain("TIERS__enterprise__Endpoint\thttps://licence.example/auth");
        printed.Out.Should().NotContain("t0ken").And.NotContain("0123").And.NotContain("pass");
        json.GetProperty("STORAGE_PATH").GetString().Should().Be(_parceler.Storage);
    }

    [Theory]
    [InlineData("ID: 'abc'", "job", "show", "abc")]
    [InlineData("--limit: '0'", "job", "list", "--limit", "0")]
    [InlineData("--limit: 'abc'", "job", "list", "--limit", "abc")]
    [InlineData("--retry: '-1'", "down", "--retry", "-1")]
    [InlineData("--retry: 'soon'", "down", "--retry", "soon")]
    public async Task Names_what_is_no_number(string says, params string[] words)
    {
        var refused = await _parceler.RunAsync(words);

        refused.Status.Should().Be(2);
        refused.Error.Should().Contain(says + " is no whole number").And.NotContain("   at ");
    }

    [Fact]
    public async Task Makes_a_key_once()
    {
        (await _parceler.DoneAsync("key:generate", "--show")).Out.Should().StartWith("base64:");
        Directory.Exists(_parceler.Storage).Should().BeFalse();

        (await _parceler.DoneAsync("key", "generate")).Out.Should().Contain("app.key");
        var again = await _parceler.RunAsync("key", "generate");

        again.Status.Should().Be(1);
        again.Error.Should().Contain("already");
    }

    private static string Recovered(int count) => $"Recovered {count} repositories with {count} snapshots, and 0 machines\n";

    private void Harm(string how)
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        var database = Path.Combine(_parceler.Storage, "database.sqlite");
        File.Delete(database + "-wal");
        File.Delete(database + "-shm");
        switch (how)
        {
            case "lost":
                File.Delete(database);
                break;
            case "garbage":
                File.WriteAllText(database, string.Concat(Enumerable.Repeat("this is no database ", 500)));
                break;
            default:
                using (var file = File.OpenWrite(database))
                {
                    file.Seek(50, SeekOrigin.Begin);
                    file.Write(new byte[20_000]);
                }

                break;
        }
    }
}
