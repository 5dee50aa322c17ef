using Microsoft.Extensions.Logging;
using Parceler.Database;
using Parceler.Jobs;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.Delivery;

/// <summary>
/// Keeps the delivery map of this process up to date: built beside the old one and swapped, when a repository changed
/// anywhere, and when time brings a switch.
/// </summary>
internal sealed partial class CurrentDeliveryMap(
    RepositoryCatalog repositories,
    RecordSwitches switches,
    WithdrawDamaged withdraw,
    StandingSwitches standing,
    BuildServedRepository build,
    SnapshotTrees trees,
    IndexDates dates,
    LeaseStore leases,
    Readings readings,
    WorkerRegister register,
    TimeProvider clock,
    ILogger<CurrentDeliveryMap> log
) : IDisposable
{
    private static readonly TimeSpan s_alive = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_lookAtLeast = TimeSpan.FromSeconds(15); // a clock that is set moves the switches
    private static readonly TimeSpan s_purgeEvery = TimeSpan.FromHours(1);
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private readonly SemaphoreSlim _wake = new(0, 1);
    private volatile DeliveryMap _map = DeliveryMap.Empty;
    private DateTimeOffset _purgeAt;
    private volatile bool _isIncomplete;

    public DeliveryMap Map => _map;

    /// <summary>Loads the map and follows changes. Before the first request.</summary>
    public async Task StartAsync(ChangeFeed feed, CancellationToken cancellation)
    {
        await SayAliveAsync(cancellation); // first: a switch that is announced from here on waits for this process
        await standing.JoinAsync(cancellation);
        await RefreshAsync(cancellation);
        feed.Subscribe(Topics.Repositories, RefreshAsync);
        feed.Subscribe(Topics.Switches, RefreshAsync);
        feed.Subscribe(Topics.Leases, LoadLeasesAsync);
        await FollowClockAsync(cancellation);
        await RefreshAsync(cancellation);
    }

    /// <summary>Follows the clock until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var alive = Repeat.EveryAsync(s_alive, SayAliveAsync, clock, log, cancellation);
        DateTimeOffset? next = null;
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await WaitAsync(next, cancellation);
                next = await FollowClockAsync(cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                RefreshFailed(log, e);
                next = null;
            }
        }

        await alive;
        await register.SayGoneAsync(standing.Process, ProcessRoles.Web, CancellationToken.None);
    }

    /// <summary>
    /// Records the switches that time brought, and those away from a snapshot that can't be read. Apart from the refresh: it waits
    /// for the other processes, and they for their refresh.
    /// </summary>
    /// <returns>When time brings the next one; null when it brings none.</returns>
    public async Task<DateTimeOffset?> FollowClockAsync(CancellationToken cancellation)
    {
        foreach (var (name, damaged) in build.TakeDamaged())
        {
            await withdraw.RunAsync(name, damaged, cancellation);
        }

        var next = await switches.RunAsync(cancellation);
        if (standing.Any || _isIncomplete)
        {
            await BringUpAsync(cancellation); // an announcement whose process died is void after a while; what could not be read may be there again
        }

        if (clock.GetUtcNow() >= _purgeAt || _purgeAt - clock.GetUtcNow() > s_purgeEvery)
        {
            await PurgeAsync(cancellation);
        }

        return next;
    }

    /// <summary>Brings the map up to the database. For a manifest that can't be read the next snapshot is served soon, or what was served before.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        await BringUpAsync(cancellation);
        Wake(); // what changed may bring a switch, or move the next one
    }

    public void Dispose()
    {
        _refreshing.Dispose();
        _wake.Dispose();
    }

    private async Task BringUpAsync(CancellationToken cancellation)
    {
        await _refreshing.WaitAsync(cancellation);
        try
        {
            // The order keeps sessions whole: announcements, then what is served, then the sessions, then the swap.
            var stands = await standing.TakeAsync(cancellation);
            var before = _map;
            var served = new List<ServedRepository>();
            var failed = false;
            foreach (var repository in await repositories.ListAsync(cancellation))
            {
                var built = await BuildAsync(repository, before, cancellation);
                failed |= built is null;
                served.Add(built ?? Unchanged(repository, before));
            }

            _isIncomplete = build.TakeLeftUnread() | failed;
            await leases.LoadAsync(served.ToDictionary(repository => repository.Id), cancellation);
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

    private async Task LoadLeasesAsync(CancellationToken cancellation)
    {
        await _refreshing.WaitAsync(cancellation);
        try
        {
            await leases.LoadAsync(_map.Repositories.ToDictionary(repository => repository.Id), cancellation);
        }
        finally
        {
            _refreshing.Release();
        }
    }

    private Task SayAliveAsync(CancellationToken cancellation) => register.SayAliveAsync(standing.Process, ProcessRoles.Web, cancellation);

    // Null when the storage can't be read.
    private async Task<ServedRepository?> BuildAsync(Repository repository, DeliveryMap map, CancellationToken cancellation)
    {
        map.TryFind(repository.Name.ToString(), out var before);
        try
        {
            return await build.RunAsync(repository, before, cancellation);
        }
        catch (Exception e) when (e is WrongStoreException or IOException or UnauthorizedAccessException)
        {
            StorageFailed(log, repository.Name, e.Message);
            return null;
        }
    }

    private static ServedRepository Unchanged(Repository repository, DeliveryMap map) =>
        map.TryFind(repository.Name.ToString(), out var before) ? before : new(repository.Id, repository.Name.ToString(), null, []);

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

    private async Task PurgeAsync(CancellationToken cancellation)
    {
        _purgeAt = clock.GetUtcNow() + s_purgeEvery;
        await BringUpAsync(cancellation); // lets trees go whose grace is over
        await leases.PurgeAsync(cancellation);
        foreach (var repository in _map.Repositories)
        {
            await dates.ForgetAsync(repository, cancellation);
        }
    }

    private async Task WaitAsync(DateTimeOffset? next, CancellationToken cancellation)
    {
        var wait = next - clock.GetUtcNow() + TimeSpan.FromMilliseconds(1); // just after it: see ServedChoice.Until
        var rest = wait is not { } until || until > s_lookAtLeast ? s_lookAtLeast
            : until < TimeSpan.Zero ? TimeSpan.FromMilliseconds(1)
            : until;
        using var tick = new CancellationTokenSource(rest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, tick.Token);
        try
        {
            await _wake.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // time to look again
        }
    }

    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // awake already
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

    [LoggerMessage(Level = LogLevel.Critical, Message = "The storage can't be read, {Repository} stays served as it was: {Problem}")]
    private static partial void StorageFailed(ILogger log, RepositoryName repository, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "The delivery map could not be brought up to date; it is tried again")]
    private static partial void RefreshFailed(ILogger log, Exception e);
}
