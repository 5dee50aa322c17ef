using System.Data;
using System.Data.Common;

namespace Parceler.Database;

/// <summary>A connection of the pool. Where the server has closed it since its last use, another one takes its place.</summary>
internal sealed class PostgresSession(PostgresDb db, DbConnection connection, IDisposable place, CancellationToken cancellation) : DbSession(connection, cancellation)
{
    // The pool prepares what comes often, by its text; a command that it prepared would go on with the values of its first run.
    protected override bool KeepsCommands => false;

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await base.DisposeAsync();
        }
        catch (DbException)
        {
            // the server has closed it in the middle of a transaction, which is gone with it
        }
        finally
        {
            place.Dispose();
        }
    }

    protected override async Task<DbConnection?> ReconnectAsync(DbConnection closed)
    {
        if (closed.State == ConnectionState.Open)
        {
            return null; // it was the statement
        }

        db.ForgetConnections(); // the others are closed, too
        return await db.ConnectAsync(Cancellation);
    }

    protected override DatabaseException? Lost(DbConnection connection, DbException failure) => connection.State == ConnectionState.Open ? null : db.Lost(failure);

    // Text of PostgreSQL holds no NUL, and no half of a character; the output of a command may.
    protected override object ValueOf(object? value) => value is string text ? PostgresText.Of(text) : base.ValueOf(value);
}
