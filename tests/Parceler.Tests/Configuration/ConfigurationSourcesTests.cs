using Microsoft.Data.Sqlite;
using Parceler.Tests.Support;

namespace Parceler.Tests.Configuration;

/// <summary>What the executable makes of the files in its folder and of its environment.</summary>
public sealed class ConfigurationSourcesTests : IDisposable
{
    private readonly InstalledParceler _parceler = new(InstalledParceler.Ordinary);

    public ConfigurationSourcesTests() => _parceler.Environment.Clear();

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _parceler.Dispose();
    }

    [Fact]
    public async Task The_environment_goes_before_the_env_file_and_that_before_the_settings_file()
    {
        _parceler.Folder.Write("appsettings.json", """{ "SYNC_SLOTS": 3, "DELIVERY_LOG": "on", "APP_TIMEZONE": "Asia/Tokyo", "TIERS": { "own": { "Kind": "local" } } }""");
        _parceler.Folder.Write(".env", "# of the program before\nSYNC_SLOTS=4\nAPP_TIMEZONE='Europe/Rome' # a comment\nexport DELIVERY_GRACE_HOURS=48\nTIERS__gold__Kind=local\nSYNC_SCHEDULE=\"15 3 * * *\"\nDB_PASSWORD=\n");
        _parceler.Environment["APP_TIMEZONE"] = "Europe/Berlin";
        _parceler.Environment["TIERS__silver__Kind"] = "local";

        var printed = (await _parceler.DoneAsync("config", "check")).Lines;

        printed.Should().Contain(["APP_TIMEZONE\tEurope/Berlin", "SYNC_SLOTS\t4", "DELIVERY_LOG\ton", "DELIVERY_GRACE_HOURS\t48", "SYNC_SCHEDULE\t15 3 * * *"]);
        printed.Should().Contain(["TIERS__own__Kind\tlocal", "TIERS__gold__Kind\tlocal", "TIERS__silver__Kind\tlocal"]);
    }

    [Fact]
    [Trait("Speed", "slow")]
    public async Task A_sync_command_has_what_stands_in_the_env_file_but_its_secrets()
    {
        _parceler.Folder.Write(".env", "RCLONE_BWLIMIT=10M\nAPP_KEY=0123456789abcdef0123456789abcdef\nREPOSITORY_RELEASE_TOKEN=of-the-service\nLANG=C.UTF-8\n");
        _parceler.Environment["LANG"] = "C";
        await _parceler.DoneAsync("repository", "create", "demo", "--command", "env > source/demo/environment", "--no-sync");

        await using (await _parceler.StartAsync("worker"))
        {
            await _parceler.DoneAsync("repository", "sync", "demo", "--wait");
        }

        (await File.ReadAllLinesAsync(_parceler.Folder["storage/source/demo/environment"], TestContext.Current.CancellationToken))
            .Should()
            .Contain(["RCLONE_BWLIMIT=10M", "LANG=C"])
            .And.NotContain(line => line.StartsWith("APP_KEY", StringComparison.Ordinal) || line.Contains("of-the-service", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_faulty_configuration_ends_a_check_and_a_service_alike()
    {
        _parceler.Folder.Write(".env", "DB_CONNECTION=mysql\nFILESYSTEM_DISK=ftp\nAPP_TIMEZONE=Europe/Nowhere\n");
        _parceler.Environment["TIERS__gold__Kind"] = "magic";

        var check = await _parceler.RunAsync("config", "check");

        check.Status.Should().Be(2);
        check.Out.Should().BeEmpty();
        check.Error.Should().StartWith("The configuration has 4 faults:\n").And.ContainAll("FILESYSTEM_DISK: ", "DB_CONNECTION: ", "APP_TIMEZONE: ", "TIERS__gold__Kind: ").And.NotContain("   at ");
        foreach (var role in (string[])["serve", "web", "worker", "scheduler"])
        {
            (await _parceler.RunAsync(role)).Should().Be(check);
        }

        Directory.Exists(_parceler.Folder["storage"]).Should().BeFalse();
    }

    [Fact]
    public async Task A_settings_file_that_cannot_be_read_is_a_fault()
    {
        _parceler.Folder.Write("appsettings.json", """{ "SYNC_SLOTS": """);

        var refused = await _parceler.RunAsync("config", "check");

        refused.Status.Should().Be(2);
        refused.Error.Should().Contain("appsettings.json: ").And.NotContain("   at ");
    }

    [Fact]
    public async Task The_database_of_the_program_before_is_refused_and_stays_as_it_is()
    {
        var database = _parceler.Folder["laravel.sqlite"];
        await using (var connection = new SqliteConnection($"Data Source={database}"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var create = connection.CreateCommand();
            create.CommandText = "create table migrations (id integer primary key, migration varchar not null, batch integer not null)";
            await create.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        SqliteConnection.ClearAllPools();
        var before = await File.ReadAllBytesAsync(database, TestContext.Current.CancellationToken);
        _parceler.Environment["DB_DATABASE"] = database;

        foreach (string[] words in (string[][])[["serve"], ["repository", "list"]])
        {
            var refused = await _parceler.RunAsync(words);

            refused.Status.Should().Be(2);
            refused.Error.Should().Contain($"parceler import laravel --database {database}").And.Contain("DB_DATABASE").And.NotContain("   at ");
        }

        (await File.ReadAllBytesAsync(database, TestContext.Current.CancellationToken)).Should().Equal(before);
    }

    [Fact]
    [Trait("Speed", "slow")]
    public async Task An_address_that_is_taken_is_told_in_one_line()
    {
        _parceler.Environment["DELIVERY_CONNECTIONS"] = "1000"; // as many as any system has files for
        await using var first = await _parceler.StartAsync("web", "--urls", "http://127.0.0.1:0");

        var second = await _parceler.RunAsync("serve", "--urls", first.Address.GetLeftPart(UriPartial.Authority));

        second.Status.Should().Be(1);
        (second.Out + second.Error).TrimEnd().Should().NotContain("\n").And.Contain("address already in use");
    }
}
