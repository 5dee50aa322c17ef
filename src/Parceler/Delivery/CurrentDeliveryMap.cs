using Microsoft.Extensions.Logging;
using Parceler.Database;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.Delivery;

/// <summary>
/// Keeps the delivery map of this process up to date: built beside the old one and swapped, when a repository changed
/// anywhere, and when time brings a switch.
/// </summary>
internal sealed partial class CurrentDeliveryMap(
    RepositoryCatalog repositories,
    RecordSwitches switches,
    WithdrawDamaged withdraw,
    SnapshotTrees trees,
    TimeProvider clock,
    ILogger<CurrentDeliveryMap> log
) : IDisposable
{
    private static readonly TimeSpan s_lookAtLeast = TimeSpan.FromSeconds(15); // a clock that is set moves the switches
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private readonly HashSet<(string, SnapshotInstant)> _reported = [];
    private volatile DeliveryMap _map = DeliveryMap.Empty;
    private DateTimeOffset? _nextSwitch;

    public DeliveryMap Map => _map;

    /// <summary>Loads the map and follows changes. Before the first request.</summary>
    public async Task StartAsync(ChangeFeed feed, CancellationToken cancellation)
    {
        await RefreshAsync(cancellation);
        feed.Subscribe(Topics.Repositories, RefreshAsync);
    }

    /// <summary>Follows the clock until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(UntilNextLook(), clock, cancellation);
                if (clock.GetUtcNow() > _nextSwitch)
                {
                    await RefreshAsync(cancellation);
                }
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                RefreshFailed(log, e);
            }
        }
    }

    /// <summary>Brings the map up to the database. For a manifest that can't be read the next snapshot is served, or what was served before.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        await _refreshing.WaitAsync(cancellation);
        try
        {
            _nextSwitch = await switches.RunAsync(cancellation);
            var served = new List<ServedRepository>();
            foreach (var repository in await repositories.ListAsync(cancellation))
            {
                served.Add(await ServedOfAsync(repository, cancellation));
            }

            var before = _map;
            _map = new(served);
            Tell(before, served);
            trees.Forget();
        }
        finally
        {
            _refreshing.Release();
        }
    }

    public void Dispose() => _refreshing.Dispose();

    private async Task<ServedRepository> ServedOfAsync(Repository repository, CancellationToken cancellation)
    {
        var name = repository.Name.ToString();
        _map.TryFind(name, out var before);
        if (repository.Served is not { } served)
        {
            return new(name, null, default);
        }

        var instant = new SnapshotInstant(served);
        if (before?.Tree?.Instant == instant && before.Tree.RepositoryId == repository.Id && before.ServedSince == repository.ServedSince)
        {
            return before;
        }

        try
        {
            if (await trees.LoadAsync(repository, instant, cancellation) is { } tree)
            {
                _reported.Remove((repository.Id, instant));
                return new(name, tree, repository.ServedSince ?? instant.Time);
            }

            ManifestGone(log, instant, name);
        }
        catch (CorruptManifestException e)
        {
            Report(repository, instant, e);
            if (await withdraw.RunAsync(repository.Name, instant, cancellation) is { } others)
            {
                return await ServedOfAsync(others, cancellation);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Report(repository, instant, e);
        }

        return before ?? new(name, null, default);
    }

    // Once, not at every change of any repository.
    private void Report(Repository repository, SnapshotInstant instant, Exception problem)
    {
        if (_reported.Add((repository.Id, instant)))
        {
            ManifestUnreadable(log, instant, repository.Name, problem.Message);
        }
    }

    private TimeSpan UntilNextLook()
    {
        var wait = _nextSwitch - clock.GetUtcNow() + TimeSpan.FromMilliseconds(1); // just after it: see ServedChoice.Until
        return wait is not { } until || until > s_lookAtLeast ? s_lookAtLeast
            : until < TimeSpan.Zero ? TimeSpan.FromMilliseconds(1)
            : until;
    }

    private void Tell(DeliveryMap before, List<ServedRepository> served)
    {
        foreach (var now in served.Where(now => now.Tree is not null))
        {
            if (!before.TryFind(now.Name, out var then) || then.Tree?.Instant != now.Tree!.Instant)
            {
                Serving(log, now.Name, now.Tree!.Instant, now.Tree.Count);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Serving {Repository} from snapshot {Snapshot}, {Files} files")]
    private static partial void Serving(ILogger log, string repository, SnapshotInstant snapshot, int files);

    [LoggerMessage(Level = LogLevel.Error, Message = "The manifest of snapshot {Snapshot} of {Repository} is gone; what was served before stays until the storage is looked through")]
    private static partial void ManifestGone(ILogger log, SnapshotInstant snapshot, string repository);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Snapshot {Snapshot} of {Repository} can't be served: {Problem}")]
    private static partial void ManifestUnreadable(ILogger log, SnapshotInstant snapshot, RepositoryName repository, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "The delivery map could not be brought up to date; it is tried again")]
    private static partial void RefreshFailed(ILogger log, Exception e);
}
