using System.Text.Json;
using Parceler.Tests.Cli;
using Parceler.Tests.Support;
using static Parceler.Tests.Imports.LaravelProgram;

namespace Parceler.Tests.Imports;

/// <summary>What the replaced program leaves is here afterwards, and there as it was.</summary>
public sealed class ImportTests : IDisposable
{
    private readonly TestCommands _parceler = new();
    private readonly LaravelProgram _old;

    public ImportTests() => _old = new(_parceler.Folder);

    public void Dispose() => _parceler.Dispose();

    [Fact]
    public async Task Repositories_and_snapshots_are_taken_over_and_equal_bytes_are_stored_once()
    {
        _old.Add("demo", "rclone sync up:demo source/demo", "stable", delay: 3);
        _old.Add("other", "rsync -a up::other /var/www/html/storage/app/private/source/other/", delay: 0);
        var (first, second) = (DaysAgo(2, offsetHours: 2), DaysAgo(1));
        foreach (var day in new[] { first, second })
        {
            _old.Write("demo", day, "packages/a~1+b.ipk", "the same");
            _old.Write("demo", day, "latest_release", day);
            _old.Write("other", day, "file", "the same");
        }

        var printed = (await _parceler.DoneAsync([.. _old.Command, "--json"])).Json;

        printed.GetProperty("whole").GetBoolean().Should().BeTrue();
        var snapshots = (await _parceler.DoneAsync("repository", "snapshots", "demo", "--json")).Json.EnumerateArray().ToList();
        snapshots.Select(snapshot => snapshot.GetProperty("instant").GetString()).Should().Equal(Utc(first), Utc(second));
        (await _parceler.DoneAsync("repository", "files", "demo", $"snapshots/demo/{Utc(second)}")).Out.Should().Contain("packages/a~1+b.ipk").And.Contain("latest_release");
        Directory.EnumerateFiles(Path.Combine(_parceler.Storage, "blobs"), "*", SearchOption.AllDirectories).Should().HaveCount(3);
        var shown = (await _parceler.DoneAsync("repository", "list", "--json")).Json.EnumerateArray().ToDictionary(entry => entry.GetProperty("name").GetString()!);
        shown["demo"].GetProperty("delay").GetInt32().Should().Be(3);
        shown["demo"].GetProperty("sourceFolder").GetString().Should().Be("stable");
        shown["demo"].GetProperty("servedSnapshot").GetString().Should().Be(Utc(first));
        shown["other"].GetProperty("servedSnapshot").GetString().Should().Be(Utc(second));
        shown["other"].GetProperty("upstream").GetString().Should().Be("rsync -a up::other source/other/");
        RepositoryOf(printed, "other").GetProperty("remarks")[0].GetString().Should().Contain("/var/www/html/storage/app/private/source/other/");
        await _parceler.DoneAsync("verify");
    }

    [Fact]
    public async Task A_large_file_of_the_same_size_is_taken_for_the_same_only_when_its_bytes_are()
    {
        _old.Add("demo");
        var (first, second, third) = (DaysAgo(3), DaysAgo(2), DaysAgo(1));
        var (one, two) = (new string('1', 3 << 20), new string('2', 3 << 20));
        _old.Write("demo", first, "image", one);
        _old.Write("demo", second, "image", one);
        _old.Write("demo", third, "image", two);

        var printed = (await _parceler.DoneAsync([.. _old.Command, "--json"])).Json;

        RepositoryOf(printed, "demo").GetProperty("snapshots").EnumerateArray().Select(snapshot => snapshot.GetProperty("newBytes").GetInt64()).Should().Equal(3 << 20, 0, 3 << 20);
        var digests = (await _parceler.DoneAsync("repository", "files", "demo", $"snapshots/demo/{Utc(third)}", "--json")).Json;
        digests[0].GetProperty("sha256").GetString().Should().Be(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(two))));
        await _parceler.DoneAsync("verify");
    }

    [Fact]
    public async Task The_original_stays_as_it_was()
    {
        _old.Add("demo", freeze: DaysAgo(1));
        _old.Write("demo", DaysAgo(2), "file", "one");
        _old.Write("demo", "broken", "file", "two");
        var before = _old.Look();

        await _parceler.DoneAsync(_old.Command);

        _old.Look().Should().Equal(before);
    }

    [Fact]
    public async Task Rows_that_stand_in_the_log_of_the_database_alone_are_seen_and_stay_there()
    {
        using var writer = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_old.Database};Pooling=False");
        await writer.OpenAsync(TestContext.Current.CancellationToken);
        using var command = writer.CreateCommand();
        command.CommandText = "pragma journal_mode = wal; insert into repositories (name, command, delay) values ('demo', 'true', 1)";
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        var before = _old.Look();

        var printed = (await _parceler.DoneAsync([.. _old.Command, "--json"])).Json;

        printed.GetProperty("repositories")[0].GetProperty("name").GetString().Should().Be("demo");
        _old.Look().Should().Equal(before).And.Contain(line => line.Contains("-wal", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_second_run_takes_what_is_new_and_does_nothing_for_the_rest()
    {
        _old.Add("demo");
        var (first, second) = (DaysAgo(2), DaysAgo(1));
        _old.Write("demo", first, "file", "one");
        await _parceler.DoneAsync(_old.Command);
        _old.Write("demo", second, "file", "two");

        var printed = (await _parceler.DoneAsync([.. _old.Command, "--json"])).Json;

        StatesOf(printed, "demo").Should().Equal((first, "there"), (second, "taken"));
        var again = (await _parceler.DoneAsync([.. _old.Command, "--json"])).Json;
        StatesOf(again, "demo").Should().Equal((first, "there"), (second, "there"));
        RepositoryOf(again, "demo").GetProperty("state").GetString().Should().Be("there");
    }

    [Fact]
    public async Task A_dry_run_tells_and_changes_nothing()
    {
        _old.Add("demo");
        _old.Write("demo", DaysAgo(8), "file", "old");
        _old.Write("demo", DaysAgo(2), "file", "one");
        _old.Write("demo", "nonsense", "file", "two");

        var preview = (await _parceler.DoneAsync([.. _old.Command, "--dry-run", "--json"])).Json;

        StatesOf(preview, "demo").Select(found => found.State).Should().BeEquivalentTo("would", "would", "passedOver");
        (await _parceler.DoneAsync("repository", "list", "--json")).Json.GetArrayLength().Should().Be(0);
        Directory.Exists(Path.Combine(_parceler.Storage, "blobs")).Should().BeFalse();
        var real = (await _parceler.DoneAsync([.. _old.Command, "--json"])).Json;
        RepositoryOf(real, "demo").GetProperty("served").GetRawText().Should().Be(RepositoryOf(preview, "demo").GetProperty("served").GetRawText());
    }

    [Fact]
    public async Task A_repository_of_the_same_name_is_merged_when_it_is_equal_and_else_refused()
    {
        _old.Add("equal", "true", "sub", delay: 2);
        _old.Add("different", "true", delay: 2);
        _old.Write("equal", DaysAgo(1), "file", "one");
        _old.Write("different", DaysAgo(1), "file", "one");
        await _parceler.DoneAsync("repository", "create", "equal", "--command", "true", "--source-folder", "sub", "--delay", "2", "--no-sync");
        await _parceler.DoneAsync("repository", "create", "different", "--command", "false", "--delay", "2", "--no-sync");

        var printed = await _parceler.RunAsync([.. _old.Command, "--json"]);

        printed.Status.Should().Be(1);
        RepositoryOf(printed.Json, "different").GetProperty("reason").GetString().Should().Contain("there is a repository 'different' already, with the command 'false'");
        (await SnapshotsAsync("different")).Should().BeEmpty();
        (await SnapshotsAsync("equal")).Should().HaveCount(1);
    }

    [Fact]
    public async Task Rows_that_are_no_repositories_here_are_left_out_and_the_others_come()
    {
        _old.Add("with a blank");
        _old.Add("slow", delay: 100_000);
        _old.Add("silent", command: " ");
        _old.Add("good");
        _old.Write("good", DaysAgo(1), "file", "one");
        _old.Write("stranger", DaysAgo(1), "file", "one");

        var printed = await _parceler.RunAsync(_old.Command);

        printed.Status.Should().Be(1);
        printed.Error.Should().ContainAll("with a blank was left out: its name", "slow was left out: A delay of 100000 days", "silent was left out: The command is empty", "snapshots/stranger belongs to no repository");
        (await SnapshotsAsync("good")).Should().HaveCount(1);
    }

    [Fact]
    public async Task What_is_no_database_or_no_storage_of_that_program_is_refused()
    {
        var noFile = await _parceler.RunAsync("import", "laravel", "--database", "/nowhere/x.sqlite", "--storage", _old.Storage);
        var noDatabase = await _parceler.RunAsync("import", "laravel", "--database", _parceler.Folder.Write("text", "this is no database at all"), "--storage", _old.Storage);
        _old.Sql("drop table repositories");
        var noTable = await _parceler.RunAsync(_old.Command);
        var above = await _parceler.RunAsync("import", "laravel", "--database", _old.Database, "--storage", _parceler.Folder["old"]);

        noFile.Error.Should().Contain("no file '/nowhere/x.sqlite'");
        noDatabase.Error.Should().Contain("is not the database of the program that Parceler replaces").And.NotContain("   at ");
        noTable.Error.Should().Contain("no such table: repositories");
        above.Error.Should().Contain($"but '{_old.Storage}' has: name that one");
        new[] { noFile, noDatabase, noTable, above }.Should().OnlyContain(printed => printed.Status == 1);
    }

    [Fact]
    public async Task The_storage_of_Parceler_is_no_storage_to_take_over_from()
    {
        await _parceler.DoneAsync("repository", "list");
        Directory.CreateDirectory(Path.Combine(_parceler.Storage, "snapshots"));

        var refused = await _parceler.RunAsync("import", "laravel", "--database", _old.Database, "--storage", _parceler.Storage);

        refused.Error.Should().Contain("is STORAGE_PATH itself");
    }

    [Fact]
    public async Task Nothing_comes_in_while_the_service_runs()
    {
        _old.Add("demo");
        await using (await _parceler.StartWorkerAsync())
        {
            await Wait.UntilAsync(async () => (await _parceler.RunAsync(_old.Command)).Error.Contains("The service runs", StringComparison.Ordinal), "the import is refused");
            (await _parceler.DoneAsync([.. _old.Command, "--dry-run"])).Out.Should().Contain("demo");
        }
    }

    private async Task<List<string?>> SnapshotsAsync(string name) =>
        [.. (await _parceler.DoneAsync("repository", "snapshots", name, "--json")).Json.EnumerateArray().Select(snapshot => snapshot.GetProperty("instant").GetString())];

    internal static JsonElement RepositoryOf(JsonElement report, string name) =>
        report.GetProperty("repositories").EnumerateArray().Single(repository => repository.GetProperty("name").GetString() == name);

    internal static List<(string Folder, string State)> StatesOf(JsonElement report, string name) =>
        [.. RepositoryOf(report, name).GetProperty("snapshots").EnumerateArray().Select(snapshot => (snapshot.GetProperty("folder").GetString()!, snapshot.GetProperty("state").GetString()!))];
}
