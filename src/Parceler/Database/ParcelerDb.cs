using System.Data.Common;
using Microsoft.Extensions.Logging;

namespace Parceler.Database;

/// <summary>
/// The one database: an index of the storage, plus what only it knows (jobs, verdicts, machines).
/// Each backend says how to connect and how a write transaction begins; the SQL of the features is common to all.
/// </summary>
internal abstract class ParcelerDb
{
    /// <summary>A connection without a transaction: for reads and for single statements.</summary>
    public abstract Task<DbSession> OpenAsync(CancellationToken cancellation);

    /// <summary>Creates or upgrades the tables. Safe to call from several processes at once.</summary>
    public abstract Task MigrateAsync(CancellationToken cancellation);

    /// <summary>Waits until nobody else, in any process on this database, holds the lock <paramref name="name"/>.</summary>
    public abstract Task<DatabaseLock> LockAsync(string name, CancellationToken cancellation);

    /// <summary>Runs <paramref name="work"/> in one write transaction: all of it is committed, or nothing. It is run again where the first try found no room on the disk.</summary>
    public async Task<T> WriteAsync<T>(Func<DbSession, Task<T>> work, CancellationToken cancellation)
    {
        try
        {
            return await TryWriteAsync(work, cancellation);
        }
        catch (DbException e) when (HasMadeRoom(e))
        {
            return await TryWriteAsync(work, cancellation);
        }
    }

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Func<DbSession, Task> work, CancellationToken cancellation) =>
        WriteAsync(
            async session =>
            {
                await work(session);
                return true;
            },
            cancellation
        );

    /// <summary>Calls <paramref name="heard"/> when a process announced a change, from now on.</summary>
    public abstract ChangeWatch Watch(Action heard, ILogger log);

    /// <summary>Wakes the processes that follow changes; they look by themselves in any case.</summary>
    protected virtual void Signal() { }

    protected virtual void Committed() { }

    /// <summary>Whether a write that failed for want of room may work now.</summary>
    protected virtual bool HasMadeRoom(DbException failure) => false;

    /// <summary>Takes the right to write at once, so that two writers never deadlock on an upgrade from reading.</summary>
    protected abstract Task BeginWriteAsync(DbSession session);

    protected virtual Task CommitAsync(DbSession session) => session.ExecuteAsync("commit");

    private async Task<T> TryWriteAsync<T>(Func<DbSession, Task<T>> work, CancellationToken cancellation)
    {
        await using var session = await OpenAsync(cancellation);
        try
        {
            await BeginWriteAsync(session);
            var result = await work(session);
            await CommitAsync(session);
            Committed();
            if (session.HasAnnounced)
            {
                Signal();
            }

            return result;
        }
        catch
        {
            await session.RollbackAsync(); // the connection goes back to a pool, and an open transaction would go with it
            throw;
        }
    }
}
