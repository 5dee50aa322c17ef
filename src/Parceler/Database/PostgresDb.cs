using System.Data.Common;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Parceler.Database;

/// <summary>
/// A PostgreSQL database, for processes on several machines. Writers take turns by an advisory lock: what the features rely on
/// where SQLite knows one writer alone.
/// </summary>
internal sealed class PostgresDb : ParcelerDb, IDisposable
{
    public const string Channel = "parceler";
    private const string Turn = "7016996765293437281"; // the lock of the writers, of no name that LockAsync makes
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly PostgresAddress _address;
    private readonly NpgsqlDataSource _pool;
    private readonly NpgsqlDataSource _single;
    private readonly ConnectAttempts _attempts;
    private readonly SemaphoreSlim _places;

    public PostgresDb(PostgresAddress address, ILogger<PostgresDb>? log = null)
    {
        _attempts = new(TimeProvider.System, log ?? NullLogger<PostgresDb>.Instance); // the server lives in real time
        _address = address;
        _pool = PostgresConnections.Pool(address);
        _single = PostgresConnections.Single(address);
        _places = new(address.Pool);
    }

    public override async Task<DbSession> OpenAsync(CancellationToken cancellation)
    {
        var place = await PlaceAsync(cancellation);
        try
        {
            return new PostgresSession(this, await ConnectAsync(cancellation), place, cancellation);
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    public override async Task MigrateAsync(CancellationToken cancellation)
    {
        try
        {
            await WriteAsync(MigrateAsync, cancellation);
        }
        catch (PostgresException e)
        {
            throw DatabaseException.From(_address, e);
        }
    }

    public override async Task<DatabaseLock> LockAsync(string name, CancellationToken cancellation) =>
        await PostgresLock.TakeAsync(await ConnectAsync(_single, cancellation), name, cancellation);

    public override ChangeWatch Watch(Action heard, ILogger log) => new ListenWatch(ending => ConnectAsync(_single, ending), heard);

    public Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellation) => ConnectAsync(_pool, cancellation);

    /// <summary>The server has closed one: those that wait in the pool are of no use either.</summary>
    public void ForgetConnections() => _pool.Clear();

    public DatabaseException Lost(Exception cause) => DatabaseException.Lost(_address, cause);

    public void Dispose()
    {
        _pool.Dispose();
        _single.Dispose();
        _places.Dispose();
    }

    protected override Task BeginWriteAsync(DbSession session) => session.ExecuteAsync($"begin; select pg_advisory_xact_lock({Turn})");

    // Sent with the commit: one way to the server, and heard when the change can be seen.
    protected override Task CommitAsync(DbSession session) => session.ExecuteAsync(session.HasAnnounced ? $"notify {Channel}; commit" : "commit");

    private Task<NpgsqlConnection> ConnectAsync(NpgsqlDataSource source, CancellationToken cancellation) =>
        _attempts.RunAsync(async () =>
        {
            try
            {
                return await source.OpenConnectionAsync(cancellation);
            }
            catch (DbException e)
            {
                throw DatabaseException.From(_address, e);
            }
        });

    private async Task<IDisposable> PlaceAsync(CancellationToken cancellation) =>
        await _places.WaitAsync(s_patience, cancellation) ? new Place(_places) : throw DatabaseException.Busy(_address);

    private async Task MigrateAsync(DbSession session)
    {
        if (await session.FirstAsync("show server_encoding", row => row.GetString(0)) is not "UTF8" and var encoding)
        {
            throw new ForeignDatabaseException($"The database {_address.Database} has the encoding {encoding}. Parceler needs UTF8: createdb --encoding UTF8 --template template0 {_address.Database}");
        }

        // The environment file of the program that Parceler replaces may name that program's own database.
        if (await session.FirstAsync("select count(*) from information_schema.tables where table_schema = current_schema() and table_name = 'migrations'", row => row.GetInt64(0)) == 1)
        {
            throw new ForeignDatabaseException($"{_address.Database} is the database of another program (it has a table named migrations). Set DB_DATABASE to a database of Parceler's own");
        }

        await Migration.ApplyAsync(session, "Postgres");
    }

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        private int _isGiven;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isGiven, 1) == 0)
            {
                places.Release();
            }
        }
    }
}
