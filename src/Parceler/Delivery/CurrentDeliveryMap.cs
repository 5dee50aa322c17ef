using Microsoft.Extensions.Logging;
using Parceler.Database;
using Parceler.Snapshots;

namespace Parceler.Delivery;

/// <summary>The delivery map of this process: the next one is built beside it and swapped in.</summary>
internal sealed partial class CurrentDeliveryMap(
    BuildDeliveryMap build,
    StandingSwitches standing,
    LeaseNews news,
    Readings readings,
    SnapshotTrees trees,
    TimeProvider clock,
    ILogger<CurrentDeliveryMap> log
) : IDisposable
{
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private volatile DeliveryMap _map = DeliveryMap.Empty;

    public DeliveryMap Map => _map;

    /// <summary>Whether a repository is still served as it is there.</summary>
    public bool IsCurrent(ServedRepository repository) => _map.TryFind(repository.Name, out var now) && now.Served == repository.Served;

    /// <summary>Brings the map up to the database. For a manifest that can't be read the next snapshot is served soon, or what was served before.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        await _refreshing.WaitAsync(cancellation);
        try
        {
            // The order keeps sessions whole: announcements, then what is served, then the sessions, then the swap.
            var stands = await standing.TakeAsync(cancellation);
            var before = _map;
            var served = await build.RunAsync(before, cancellation);
            await LoadAsync(served, cancellation);
            _map = new(served);
            End(before, served);
            standing.LeaveAllBut(stands);
            Tell(before, served);
            trees.Forget();
        }
        finally
        {
            _refreshing.Release();
        }
    }

    /// <summary>Takes over what other processes wrote of sessions.</summary>
    public async Task LoadLeasesAsync(CancellationToken cancellation)
    {
        await _refreshing.WaitAsync(cancellation);
        try
        {
            await LoadAsync(_map.Repositories, cancellation);
        }
        finally
        {
            _refreshing.Release();
        }
    }

    public void Dispose() => _refreshing.Dispose();

    private Task LoadAsync(IEnumerable<ServedRepository> repositories, CancellationToken cancellation) =>
        news.LoadAsync(repositories.ToDictionary(repository => repository.Id), cancellation);

    // Sessions on what nobody may read any more, and on repositories that were deleted.
    private void End(DeliveryMap before, List<ServedRepository> now)
    {
        var held = now.SelectMany(repository => repository.Servings).ToHashSet();
        var ended = before.Repositories.SelectMany(repository => repository.Servings).Where(serving => !held.Contains(serving)).ToList();
        ended.ForEach(serving => serving.End());
        if (ended.Count > 0)
        {
            readings.Forget(clock.GetUtcNow().ToDb());
        }
    }

    private void Tell(DeliveryMap before, List<ServedRepository> served)
    {
        foreach (var now in served.Where(now => now.Served is not null))
        {
            if (!before.TryFind(now.Name, out var then) || then.Served?.Tree.Instant != now.Served!.Tree.Instant)
            {
                Serving(log, now.Name, now.Served!.Tree.Instant, now.Served.Tree.Count);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Serving {Repository} from snapshot {Snapshot}, {Files} files")]
    private static partial void Serving(ILogger log, string repository, SnapshotInstant snapshot, int files);
}
