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
/// Tells the subscribers in this process what any process changed: at once where the database lets it be heard
/// (<see cref="ChangeWatch"/>), and by a look at the revisions now and then in any case.
/// </summary>
internal sealed partial class ChangeFeed(ParcelerDb db, TimeProvider clock, ILogger<ChangeFeed> log) : IDisposable
{
    private readonly Dictionary<string, long> _seen = [];
    private readonly Lock _gate = new();
    private readonly List<(string Topic, Func<CancellationToken, Task> Act)> _subscribers = [];
    private readonly SemaphoreSlim _looking = new(1, 1);
    private readonly SemaphoreSlim _wake = new(0, 1);
    private bool _failing;
    private long _lookedAt;

    /// <summary>When the database last said what has changed; null while it never did.</summary>
    public DateTimeOffset? LookedAt => Volatile.Read(ref _lookedAt) is > 0 and var time ? DateTimeOffset.FromUnixTimeMilliseconds(time) : null;

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
        await using var watch = db.Watch(Nudge, log);
        while (!cancellation.IsCancellationRequested)
        {
            using var tick = new CancellationTokenSource(watch.LookEvery, clock);
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

            Recovered();
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            if (!_failing && e is not DatabaseException { IsOutage: true })
            {
                LookFailed(log, e);
            }

            _failing = true;
        }
        finally
        {
            _looking.Release();
        }
    }

    public void Dispose()
    {
        _looking.Dispose();
        _wake.Dispose();
    }

    private void Recovered()
    {
        Volatile.Write(ref _lookedAt, clock.GetUtcNow().ToDb());
        _failing = false;
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
                if (e is not DatabaseException { IsOutage: true })
                {
                    SubscriberFailed(log, topic, e);
                }
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Looking for changes in the database failed; it is tried again")]
    private static partial void LookFailed(ILogger log, Exception e);

    [LoggerMessage(Level = LogLevel.Error, Message = "Taking over a change of {Topic} failed; it is tried again")]
    private static partial void SubscriberFailed(ILogger log, string topic, Exception e);
}
