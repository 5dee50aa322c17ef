using Microsoft.Extensions.Logging;

namespace Parceler.Database;

/// <summary>The topics that <see cref="DbSession.AnnounceAsync"/> takes.</summary>
internal static class Topics
{
    public const string Repositories = "repositories"; // repositories, freezes, snapshots, serving history
    public const string Jobs = "jobs";
    public const string Machines = "machines";
    public const string Maintenance = "maintenance";
    public const string Switches = "switches"; // a switch was announced, or is over
    public const string Leases = "leases"; // sessions that other web servers should know
    public const string Verdicts = "verdicts"; // a denial replaced an allowance
}

/// <summary>
/// Tells the subscribers in this process what any process changed: at once for SQLite on the same machine (the file
/// system reports the write), and by a look at the revisions every half second in any case.
/// </summary>
internal sealed partial class ChangeFeed(ParcelerDb db, TimeProvider clock, ILogger<ChangeFeed> log) : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private readonly Dictionary<string, long> _seen = [];
    private readonly Lock _gate = new();
    private readonly List<(string Topic, Func<CancellationToken, Task> Act)> _subscribers = [];
    private readonly SemaphoreSlim _looking = new(1, 1);
    private readonly SemaphoreSlim _wake = new(0, 1);
    private FileSystemWatcher? _watcher;

    public void Subscribe(string topic, Func<CancellationToken, Task> act)
    {
        lock (_gate)
        {
            _subscribers.Add((topic, act));
        }
    }

    /// <summary>Looks at once instead of at the next tick; what this process changed itself is then seen without a wait.</summary>
    public void Nudge()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // a look is due already
        }
    }

    /// <summary>Runs until cancelled. Subscribers are called one after the other; a failing one is logged and called again at the next change.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        Watch();
        while (!cancellation.IsCancellationRequested)
        {
            using var tick = new CancellationTokenSource(LookEvery, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, tick.Token);
            try
            {
                await LookAsync(cancellation);
                await _wake.WaitAsync(either.Token);
            }
            catch (OperationCanceledException)
            {
                // the tick, or the end
            }
        }
    }

    /// <summary>One look at the revisions: calls the subscribers of each topic that has changed since the last look.</summary>
    public async Task LookAsync(CancellationToken cancellation)
    {
        await _looking.WaitAsync(cancellation);
        try
        {
            foreach (var topic in await ChangedAsync(cancellation))
            {
                await TellAsync(topic, cancellation);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            LookFailed(log, e);
        }
        finally
        {
            _looking.Release();
        }
    }

    public void Dispose()
    {
        _watcher?.Dispose();
        _looking.Dispose();
        _wake.Dispose();
    }

    private async Task<List<string>> ChangedAsync(CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        var rows = await session.QueryAsync("select topic, revision from revisions", row => (row.GetString(0), row.GetInt64(1)));
        var changed = new List<string>();
        foreach (var (topic, revision) in rows)
        {
            if (_seen.GetValueOrDefault(topic, -1) != revision)
            {
                _seen[topic] = revision;
                changed.Add(topic);
            }
        }

        return changed;
    }

    private async Task TellAsync(string topic, CancellationToken cancellation)
    {
        List<Func<CancellationToken, Task>> acts;
        lock (_gate)
        {
            acts = [.. _subscribers.Where(s => s.Topic == topic).Select(s => s.Act)];
        }

        foreach (var act in acts)
        {
            try
            {
                await act(cancellation);
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
            {
                _seen.Remove(topic); // told again at the next look
                SubscriberFailed(log, topic, e);
            }
        }
    }

    private void Watch()
    {
        if (db is not SqliteDb sqlite)
        {
            return;
        }

        var file = Path.GetFullPath(sqlite.SignalFile);
        try
        {
            _watcher = new FileSystemWatcher(Path.GetDirectoryName(file)!, Path.GetFileName(file));
            _watcher.NotifyFilter = NotifyFilters.LastWrite;
            _watcher.Changed += (_, _) => Nudge();
            _watcher.EnableRaisingEvents = true;
        }
        catch (IOException e) // no inotify watches left: the tick remains
        {
            NoWatch(log, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Looking for changes in the database failed; it is tried again")]
    private static partial void LookFailed(ILogger log, Exception e);

    [LoggerMessage(Level = LogLevel.Error, Message = "Taking over a change of {Topic} failed; it is tried again")]
    private static partial void SubscriberFailed(ILogger log, string topic, Exception e);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database file can't be watched; changes of other processes are seen within half a second")]
    private static partial void NoWatch(ILogger log, Exception e);
}
