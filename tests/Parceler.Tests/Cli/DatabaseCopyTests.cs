using Parceler.Database;
using Parceler.Tests.Support;

namespace Parceler.Tests.Cli;

/// <summary>A whole installation moves from SQLite to PostgreSQL.</summary>
[Trait("Speed", "slow")]
public sealed class DatabaseCopyTests : IAsyncLifetime
{
    private readonly InstalledParceler _parceler = new();
    private PostgresServer _server = null!;
    private PostgresAddress _target = null!;

    private string Url => $"postgres://{_target.User}:{Uri.EscapeDataString(_target.Password!)}@{_target.Host}:{_target.Port}/{_target.Database}?sslmode=disable";

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.SharedAsync();
        _target = await _server.CreateEmptyAsync();
        _parceler.Environment["APP_KEY"] = "base64:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        await _parceler.DoneAsync("repository", "create", "demo", "--command", "echo $RANDOM > source/demo/file; printf 'odd \\0 output\\n'", "--no-sync");
        await _parceler.AddMachineAsync();
        await _parceler.DoneAsync("token", "create", "ci", "--scope", "read");
    }

    public ValueTask DisposeAsync()
    {
        _parceler.Dispose();
        _server.Drop(_target);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_service_on_the_copy_serves_what_it_served_and_numbers_its_jobs_on()
    {
        await using (await _parceler.StartAsync("serve"))
        {
            await _parceler.DoneAsync("repository", "sync", "demo", "--wait");
            await _parceler.DoneAsync("repository", "sync", "demo", "--wait");
            await _parceler.DoneAsync("repository", "freeze", "demo");
            await Wait.UntilAsync(async () => await _parceler.ReadAsync("demo", "file") is not null, "it is served");
        }

        var served = (await _parceler.DoneAsync("repository", "list", "--json")).Out;
        var lastJob = (await _parceler.LastJobAsync()).GetProperty("id").GetInt64();
        var copied = await _parceler.DoneAsync("database", "copy", "--to", Url, "--json");

        var tables = copied.Json.GetProperty("tables").EnumerateArray().ToDictionary(table => table.GetProperty("name").GetString()!, table => table.GetProperty("rows").GetInt64());
        tables.Should().Contain("repositories", 1).And.Contain("snapshots", 2).And.Contain("machines", 1).And.Contain("jobs", 2).And.Contain("api_tokens", 1);
        copied.Json.GetProperty("rows").GetInt64().Should().Be(tables.Values.Sum());
        foreach (var (table, rows) in tables)
        {
            (await _server.ScalarAsync($"select count(*) from {table}", _target.Database)).Should().Be(rows, table);
        }

        MoveOver();
        await using var service = await _parceler.StartAsync("serve");
        (await _parceler.DoneAsync("repository", "list", "--json")).Out.Should().Be(served);
        (await _parceler.ReadAsync("demo", "file")).Should().NotBeNull();
        await _parceler.DoneAsync("repository", "sync", "demo", "--wait");
        (await _parceler.LastJobAsync()).GetProperty("id").GetInt64().Should().Be(lastJob + 1);
    }

    [Fact]
    public async Task A_target_that_holds_rows_is_refused_and_so_is_a_copy_beside_a_running_service_unless_it_is_down()
    {
        await using (await _parceler.StartAsync("serve"))
        {
            var beside = await _parceler.RunAsync("database", "copy", "--to", Url);
            beside.Status.Should().Be(1);
            beside.Error.Should().Contain("parceler down");

            await _parceler.DoneAsync("down");
            (await _parceler.DoneAsync("database", "copy", "--to", Url)).Out.Should().Contain("as many of each table as here").And.NotContain("p@ss");
        }

        var again = await _parceler.RunAsync("database", "copy", "--to", Url);
        again.Status.Should().Be(1);
        again.Error.Should().Contain("is not empty").And.NotContain(Uri.EscapeDataString(_target.Password!));
    }

    [Theory]
    [InlineData("mysql://a@b/c")]
    [InlineData("postgres://127.0.0.1")]
    public async Task What_is_no_address_is_wrong_usage(string url)
    {
        var refused = await _parceler.RunAsync("database", "copy", "--to", url);

        refused.Status.Should().Be(2);
    }

    private void MoveOver()
    {
        foreach (var (name, value) in PostgresServer.SettingsOf(_target))
        {
            _parceler.Environment[name] = value!;
        }
    }
}
