namespace Parceler.App.Http;

/// <summary>Looks after the memory of the process: beyond its limit the service takes on less, until it is below again.</summary>
internal sealed partial class MemoryGuard(ServiceLimits limits, LongRequests requests, OpenConnections connections, ILogger<MemoryGuard> log) : BackgroundService
{
    private const int ConnectionsInShares = 20;
    private const double EnoughBelow = 0.9;
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_collectEvery = TimeSpan.FromSeconds(10);
    private long _collectedAt = long.MinValue / 2;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_every); // memory has no other clock than the machine's
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Look(Environment.WorkingSet);
        }
    }

    /// <param name="resident">Bytes.</param>
    public void Look(long resident)
    {
        var isTight = resident > (requests.IsTight ? limits.MemoryBytes * EnoughBelow : limits.MemoryBytes);
        if (isTight != requests.IsTight)
        {
            requests.IsTight = isTight;
            Tell(resident >> 20, isTight);
        }

        if (isTight)
        {
            connections.Shed(Math.Max(1, connections.Count / ConnectionsInShares), newcomer: null);
            Collect();
        }
    }

    private void Collect()
    {
        if (TimeProvider.System.GetElapsedTime(_collectedAt) >= s_collectEvery)
        {
            _collectedAt = TimeProvider.System.GetTimestamp();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }

    private void Tell(long megabytes, bool isTight)
    {
        if (isTight)
        {
            Tight(log, megabytes, limits.MemoryBytes >> 20);
        }
        else
        {
            Enough(log, megabytes);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The service needs {Megabytes} MB, more than the {Limit} of MEMORY_LIMIT_MB: it closes idle connections, and each machine gets one large file at a time")]
    private static partial void Tight(ILogger log, long megabytes, long limit);

    [LoggerMessage(Level = LogLevel.Information, Message = "The service needs {Megabytes} MB again, and takes on as much as before")]
    private static partial void Enough(ILogger log, long megabytes);
}
