using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Parceler.Database;

namespace Parceler.Tests.Support;

/// <summary>A real PostgreSQL server, with a database of its own for each test.</summary>
internal sealed class PostgresServer : IDisposable
{
    private const string Template = "parceler_template";
    private const string Administration = "postgres";
    private static readonly Lazy<Task<PostgresServer>> s_shared = new(StartSharedAsync);
    private static readonly SemaphoreSlim s_making = new(1, 1);
    private readonly TempFolder _folder = TempFolder.InMemory(); // each database is some hundred files
    private readonly string _data;
    private readonly int _port = FreePort.Find();
    private string _password = "";

    private PostgresServer()
    {
        File.SetUnixFileMode(_folder.Path, File.GetUnixFileMode(_folder.Path) | UnixFileMode.OtherExecute | UnixFileMode.OtherRead | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);
        _data = _folder["postgres"]; // the server may run as another user
    }

    /// <summary>The one of this test run. It ends with the run, also when that is killed.</summary>
    public static Task<PostgresServer> SharedAsync() => s_shared.Value;

    /// <summary>One that a test may restart and kill.</summary>
    public static async Task<PostgresServer> StartAsync()
    {
        var server = new PostgresServer();
        await server.StartAgainAsync();
        server._password = (await File.ReadAllTextAsync(Path.Combine(server._data, "password"))).Trim();
        return server;
    }

    public Task StartAgainAsync() => RunAsync("start", "--port", $"{_port}", "--until-gone", $"{Environment.ProcessId}");

    public Task StopAsync() => RunAsync("stop");

    /// <summary>As when the machine loses its power.</summary>
    public Task KillAsync() => RunAsync("kill");

    /// <summary>A new, empty database.</summary>
    public Task<PostgresAddress> CreateEmptyAsync() => CreateAsync("template0");

    /// <summary>A new database with all tables.</summary>
    public async Task<PostgresAddress> CreateAsync()
    {
        await s_making.WaitAsync(TestContext.Current.CancellationToken); // a template must have no connection
        try
        {
            if (await ScalarAsync($"select count(*) from pg_database where datname = '{Template}'") is 0L)
            {
                await ScalarAsync($"create database {Template}");
                using var template = new PostgresDb(AddressOf(Template));
                await template.MigrateAsync(TestContext.Current.CancellationToken);
            }

            return await CreateAsync(Template);
        }
        finally
        {
            s_making.Release();
        }
    }

    /// <summary>The settings that lead to a database.</summary>
    public static Dictionary<string, string?> SettingsOf(PostgresAddress address) =>
        new()
        {
            ["DB_CONNECTION"] = "pgsql",
            ["DB_HOST"] = address.Host,
            ["DB_PORT"] = address.Port.ToString(CultureInfo.InvariantCulture),
            ["DB_DATABASE"] = address.Database,
            ["DB_USERNAME"] = address.User,
            ["DB_PASSWORD"] = address.Password,
            ["DB_SSLMODE"] = "disable",
            ["APP_KEY"] = "base64:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        };

    /// <summary>Runs a statement as somebody else than Parceler.</summary>
    public async Task<object?> ScalarAsync(string sql, string database = Administration)
    {
        await using var source = Raw(AddressOf(database));
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    public void Drop(PostgresAddress address)
    {
        using var source = Raw(AddressOf(Administration));
        using var command = source.CreateCommand($"drop database if exists {address.Database} with (force)");
        command.ExecuteNonQuery();
    }

    public void Dispose()
    {
        using (var stop = Process.Start(Prepare("kill"))!)
        {
            stop.WaitForExit();
        }

        _folder.Dispose();
    }

    public static NpgsqlDataSource Raw(PostgresAddress address) =>
        NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder { Host = address.Host, Port = address.Port, Database = address.Database, Username = address.User, Password = address.Password, Pooling = false }
        );

    private static async Task<PostgresServer> StartSharedAsync()
    {
        var server = await StartAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.Dispose();
        return server;
    }

    private async Task<PostgresAddress> CreateAsync(string template)
    {
        var address = AddressOf($"test_{Guid.NewGuid():n}");
        await ScalarAsync($"create database {address.Database} template {template} strategy file_copy");
        return address;
    }

    private PostgresAddress AddressOf(string database) => new("127.0.0.1", _port, database, "tests", _password, SslMode.Disable, PostgresAddress.UsualPool);

    private async Task RunAsync(params string[] words)
    {
        using var process = Process.Start(Prepare(words))!;
        var error = await process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        process.ExitCode.Should().Be(0, "postgres.sh {0} printed: {1}", words[0], error);
    }

    private ProcessStartInfo Prepare(params string[] words) =>
        new(Path.Combine(AppContext.BaseDirectory, "servers", "postgres.sh"), [words[0], "--data", _data, .. words[1..]]) { RedirectStandardError = true };
}
