using System.Data.Common;
using Npgsql;

namespace Parceler.Database;

/// <summary>
/// An advisory lock of a connection that does nothing else. The server gives it back when the connection ends, and notices
/// within a minute when the machine at its other end is gone.
/// </summary>
internal sealed class PostgresLock : DatabaseLock
{
    private static readonly TimeSpan s_answersWithin = TimeSpan.FromSeconds(5);
    private readonly NpgsqlConnection _connection;

    private PostgresLock(NpgsqlConnection connection) => _connection = connection;

    public static async Task<PostgresLock> TakeAsync(NpgsqlConnection connection, string name, CancellationToken cancellation)
    {
        try
        {
            await using var command = new NpgsqlCommand("select pg_advisory_lock(hashtextextended('parceler ' || @name, 0))", connection);
            command.Parameters.AddWithValue("name", name);
            await command.ExecuteNonQueryAsync(cancellation);
            return new(connection);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public override async Task<bool> IsHeldAsync(CancellationToken cancellation)
    {
        try
        {
            await using var command = new NpgsqlCommand("select 1", _connection) { CommandTimeout = (int)s_answersWithin.TotalSeconds };
            await command.ExecuteNonQueryAsync(cancellation);
            return true;
        }
        catch (Exception e) when (e is DbException or InvalidOperationException) // the connection is gone, and the lock with it
        {
            return false;
        }
    }

    public override void Dispose() => _connection.Dispose();
}
