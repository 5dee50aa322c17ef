namespace Parceler.Database;

/// <summary>A named lock that nobody else holds, in any process on the same database. Disposing gives it back, and so does a crash.</summary>
internal abstract class DatabaseLock : IDisposable
{
    /// <summary>Whether it is still held: a lock on another machine can be lost with the connection to it. To be asked before what can't be undone.</summary>
    public abstract Task<bool> IsHeldAsync(CancellationToken cancellation);

    public abstract void Dispose();

    /// <exception cref="LockLostException">It is not held any more.</exception>
    public async Task EnsureHeldAsync(CancellationToken cancellation)
    {
        if (!await IsHeldAsync(cancellation))
        {
            throw new LockLostException();
        }
    }
}

/// <summary>The connection that held a lock is gone: others may be at what it protected.</summary>
internal sealed class LockLostException() : IOException("The connection to the database was lost, and a lock with it: nothing more was changed. It is tried again");
