using Parceler.Database;

namespace Parceler.Tests.Support;

/// <summary>
/// The database of one test: SQLite in its folder, and PostgreSQL for the classes in <c>Postgres/</c> and <c>PostgresBucket/</c>, which
/// inherit tests written for any; with <c>PARCELER_TEST_DB=pgsql</c> for all.
/// </summary>
internal sealed class TestDatabase : IDisposable
{
    private readonly PostgresServer? _server;
    private readonly PostgresAddress? _address;

    private TestDatabase(PostgresServer? server, PostgresAddress? address) => (_server, _address) = (server, address);

    public static bool IsPostgres =>
        TestContext.Current.TestClass?.TestClassNamespace is "Parceler.Tests.Postgres" or "Parceler.Tests.PostgresBucket" || Environment.GetEnvironmentVariable("PARCELER_TEST_DB") == "pgsql";

    /// <summary>The settings that lead to it; none for SQLite.</summary>
    public Dictionary<string, string?> Settings => _address is { } address ? PostgresServer.SettingsOf(address) : [];

    public static async Task<TestDatabase> MakeAsync()
    {
        if (!IsPostgres)
        {
            return new(null, null);
        }

        var server = await PostgresServer.SharedAsync();
        return new(server, await server.CreateAsync());
    }

    /// <summary>For constructors.</summary>
    public static TestDatabase Make() => IsPostgres ? Task.Run(MakeAsync).GetAwaiter().GetResult() : new(null, null);

    public ParcelerDb Open(string file) => _address is { } address ? new PostgresDb(address) : new SqliteDb(file);

    public void Dispose()
    {
        if (_address is { } address)
        {
            _server!.Drop(address);
        }
        else
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        }
    }
}
