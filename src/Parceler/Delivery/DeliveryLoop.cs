using Microsoft.Extensions.Logging;
using Parceler.Database;
using Parceler.Jobs;
using Parceler.Releases;
using Parceler.Repositories;

namespace Parceler.Delivery;

/// <summary>
/// What a web server does behind its requests: joins the others, follows what changes anywhere and what time brings, keeps the
/// sessions, and leaves.
/// </summary>
internal sealed partial class DeliveryLoop(
    CurrentDeliveryMap map,
    BuildDeliveryMap build,
    BuildServedRepository damage,
    RepositoryCatalog repositories,
    RecordSwitches switches,
    AnnounceSwitch announce,
    WithdrawDamaged withdraw,
    StandingSwitches standing,
    LeaseStore leases,
    IndexDates dates,
    WorkerRegister register,
    TimeProvider clock,
    ILogger<DeliveryLoop> log
) : IDisposable
{
    private static readonly TimeSpan s_alive = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_lookAtLeast = TimeSpan.FromSeconds(15); // a clock that is set moves the switches
    private static readonly TimeSpan s_purgeEvery = TimeSpan.FromHours(1);
    private readonly SemaphoreSlim _wake = new(0, 1);
    private DateTimeOffset _purgeAt;

    /// <summary>Loads the map and follows changes. Before the first request.</summary>
    public async Task StartAsync(ChangeFeed feed, CancellationToken cancellation)
    {
        await SayAliveAsync(cancellation); // first: a switch that is announced from here on waits for this process
        feed.Subscribe(Topics.Repositories, ChangedAsync);
        feed.Subscribe(Topics.Switches, ChangedAsync);
        feed.Subscribe(Topics.Leases, map.LoadLeasesAsync);
        await JoinAsync(cancellation);
        await map.RefreshAsync(cancellation);
        await FollowClockAsync(cancellation);
        await map.RefreshAsync(cancellation);
    }

    /// <summary>Goes on until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await Task.WhenAll(Repeat.EveryAsync(s_alive, SayAliveAsync, clock, log, cancellation), leases.RunAsync(cancellation), FollowAsync(cancellation));
        await LeaveAsync();
    }

    /// <summary>Says to the others that this server is gone; it must have written its sessions by then.</summary>
    public Task LeaveAsync() => register.SayGoneAsync(standing.Process, ProcessRoles.Web, CancellationToken.None);

    /// <summary>
    /// Records the switches that time brought, and those away from a snapshot that can't be read. Apart from the refresh: it waits
    /// for the other processes, and they for their refresh.
    /// </summary>
    /// <returns>When time brings the next one; null when it brings none.</returns>
    public async Task<DateTimeOffset?> FollowClockAsync(CancellationToken cancellation)
    {
        foreach (var (name, damaged) in damage.TakeDamaged())
        {
            await withdraw.RunAsync(name, damaged, cancellation);
        }

        var next = await switches.RunAsync(cancellation);
        if (standing.Any || build.IsIncomplete)
        {
            await map.RefreshAsync(cancellation); // an announcement whose process died is void after a while; what could not be read may be there again
        }

        if (clock.GetUtcNow() >= _purgeAt || _purgeAt - clock.GetUtcNow() > s_purgeEvery)
        {
            await PurgeAsync(cancellation);
        }

        return next;
    }

    public void Dispose() => _wake.Dispose();

    // As for a switch: the others acknowledge when they know that they are not alone, and when the database has all their sessions.
    private async Task JoinAsync(CancellationToken cancellation)
    {
        if ((await repositories.ListAsync(cancellation)).FirstOrDefault() is { } any)
        {
            await using (await announce.RunAsync(any.Id, cancellation))
            {
                // nothing changes
            }
        }
    }

    private Task SayAliveAsync(CancellationToken cancellation) => register.SayAliveAsync(standing.Process, ProcessRoles.Web, cancellation);

    private async Task FollowAsync(CancellationToken cancellation)
    {
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
                if (e is not DatabaseException { IsOutage: true })
                {
                    FollowFailed(log, e);
                }

                next = null;
            }
        }
    }

    private async Task ChangedAsync(CancellationToken cancellation)
    {
        await map.RefreshAsync(cancellation);
        Wake(); // what changed may bring a switch, or move the next one
    }

    private async Task PurgeAsync(CancellationToken cancellation)
    {
        _purgeAt = clock.GetUtcNow() + s_purgeEvery;
        await map.RefreshAsync(cancellation); // lets trees go whose grace is over
        await leases.PurgeAsync(cancellation);
        foreach (var repository in map.Map.Repositories)
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

    [LoggerMessage(Level = LogLevel.Error, Message = "The delivery map could not be brought up to date; it is tried again")]
    private static partial void FollowFailed(ILogger log, Exception e);
}
