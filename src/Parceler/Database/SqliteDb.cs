using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Parceler.Database;

/// <summary>SQLite in one file: WAL, so that readers never wait for a writer; every commit reaches the disk.</summary>
internal sealed class SqliteDb(string file) : ParcelerDb
{
    private readonly string _connectionString = new SqliteConnectionStringBuilder
    {
        DataSource = file,
        DefaultTimeout = 30,
        Pooling = true,
    }.ToString();

    private readonly DiskReserve _reserve = new(file + "-reserve");

    /// <summary>Touched after each transaction that others want to look at. The log of SQLite itself is written before a commit can be seen.</summary>
    public string SignalFile => file + "-changed";

    public override async Task<DbSession> OpenAsync(CancellationToken cancellation)
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            var session = new DbSession(connection, cancellation);
            await session.ExecuteAsync("pragma busy_timeout = 30000; pragma synchronous = full; pragma foreign_keys = on");
            return session;
        }
        catch (SqliteException e)
        {
            await connection.DisposeAsync();
            throw DatabaseException.From(file, e);
        }
    }

    public override async Task MigrateAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        try
        {
            await using (var session = await OpenAsync(cancellation))
            {
                await RefuseForeignAsync(session);
                await session.ExecuteAsync("pragma journal_mode = wal");
            }

            await WriteAsync(session => Migration.ApplyAsync(session, "Sqlite"), cancellation);
        }
        catch (SqliteException e)
        {
            throw DatabaseException.From(file, e);
        }
    }

    public override async Task<DatabaseLock> LockAsync(string name, CancellationToken cancellation) =>
        await FileLock.TakeAsync(Path.Combine(Path.GetFullPath(file) + "-locks", name + ".lock"), cancellation);

    public override ChangeWatch Watch(Action heard, ILogger log) => new FileWatch(SignalFile, heard, log);

    protected override void Signal()
    {
        try
        {
            File.OpenHandle(SignalFile, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite).Dispose();
            File.SetLastWriteTimeUtc(SignalFile, TimeProvider.System.GetUtcNow().UtcDateTime);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // others look by themselves, a little later
        }
    }

    protected override void Committed() => _reserve.Keep();

    protected override bool HasMadeRoom(DbException failure) => failure is SqliteException { SqliteErrorCode: 13 } && _reserve.GiveUp(); // SQLITE_FULL

    protected override Task BeginWriteAsync(DbSession session) => session.ExecuteAsync("begin immediate");

    // The environment file of the program that Parceler replaces may name that program's own database.
    private async Task RefuseForeignAsync(DbSession session)
    {
        var foreign = await session.FirstAsync("select 1 from sqlite_master where type = 'table' and name = 'migrations'", row => row.GetInt64(0));
        if (foreign == 1)
        {
            throw new ForeignDatabaseException(
                $"{file} is the database of another program (it has a table named migrations). "
                    + $"Set DB_DATABASE to a file of Parceler's own, and take the repositories over with: parceler import laravel --database {file} --storage DIR"
            );
        }
    }
}
