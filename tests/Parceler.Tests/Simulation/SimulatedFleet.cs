using Parceler.Database;
using Parceler.Delivery;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Tests.Entitlements;
using Parceler.Tests.Support;

namespace Parceler.Tests.Simulation;

/// <summary>
/// Thousands of machines at two web servers on one storage, while syncs, operators, restarts and the clock change everything
/// under them. All that happens follows from the seed.
/// </summary>
internal sealed class SimulatedFleet : IAsyncDisposable
{
    /// <summary>With a shorter grace period, so that two days show all of it.</summary>
    public static readonly LeaseTimes Times = LeaseTimes.Usual with { Grace = TimeSpan.FromHours(12) };
    private const int SettleEvery = 3; // rounds: later than real servers hear of each other
    private static readonly TimeSpan s_round = TimeSpan.FromMinutes(1);
    private readonly TempFolder _folder = new();
    private readonly SimulatedClock _clock = new();
    private readonly LeaseTimes _times;
    private readonly Random _random;
    private readonly List<SimulatedRepository> _repositories = [];
    private readonly List<SimulatedMachine> _machines = [];
    private readonly PriorityQueue<SimulatedMachine, DateTimeOffset> _due = new();
    private readonly Dictionary<SimulatedMachine, SimulatedRepository> _reads = [];
    private readonly SimulatedServer?[] _servers;

    public SimulatedFleet(int seed, int machines, int servers, LeaseTimes times)
    {
        _servers = new SimulatedServer?[servers];
        _times = times;
        _random = new(seed);
        foreach (var format in Enum.GetValues<Format>())
        {
            _repositories.Add(new(RepositoryName.Parse(format.ToString()), new(format, new(_random.Next())), new(_random.Next())));
        }

        for (var number = 0; number < machines; number++)
        {
            var repository = _repositories[number % _repositories.Count];
            var machine = new SimulatedMachine(number, repository, new(_random.Next()));
            _machines.Add(machine);
            _reads[machine] = repository;
            _due.Enqueue(machine, _clock.Now + TimeSpan.FromSeconds(_random.Next(8 * 3600)));
        }
    }

    public LogLines Log { get; } = new();

    public int Sessions => _machines.Sum(machine => machine.Updates);

    public int Changes { get; private set; }

    private SimulatedServer First => _servers[0]!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Goes on until so many updates have begun.</summary>
    public async Task RunAsync(int sessions)
    {
        for (var number = 0; number < _servers.Length; number++)
        {
            await RestartAsync(number);
        }

        foreach (var repository in _repositories)
        {
            await repository.CreateAsync(First);
        }

        for (var round = 0; Sessions < sessions; round++)
        {
            if (round % SettleEvery == 0)
            {
                await SettleAsync();
            }

            await HappenAsync();
            _clock.Now += s_round;
            Act(int.MaxValue);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers.OfType<SimulatedServer>())
        {
            await server.DisposeAsync();
        }

        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    // What the servers do by themselves every few seconds.
    private async Task SettleAsync()
    {
        foreach (var server in _servers.OfType<SimulatedServer>())
        {
            await server.FlushAsync();
        }

        foreach (var server in _servers.OfType<SimulatedServer>())
        {
            await server.LookAsync();
        }
    }

    private async Task HappenAsync()
    {
        switch (_random.Next(120))
        {
            case < 8:
                await ChangeAsync();
                break;
            case < 24:
                await First.FollowClockAsync();
                break;
            case < 26:
                await RestartAsync(_random.Next(_servers.Length));
                break;
            case < 28:
                await CollectAsync();
                break;
            case 28:
                _clock.Now -= TimeSpan.FromMinutes(_random.Next(50)); // set back
                break;
            case 29 when _random.Next(6) == 0:
                _clock.Now += TimeSpan.FromHours(_random.Next(1, 14));
                Abort(null);
                break;
        }
    }

    private async Task ChangeAsync()
    {
        Changes++;
        var repository = _repositories[_random.Next(_repositories.Count)];
        if (await repository.ChangeAsync(First))
        {
            await SettleAsync();
            Abort(repository);
        }

        Act(200); // the other server has not looked yet
    }

    private async Task RestartAsync(int number)
    {
        if (_servers[number] is { } running)
        {
            await running.DisposeAsync();
        }

        _servers[number] = await SimulatedServer.StartAsync(number, _folder["storage"], _clock, _times, Log);
        if (number == 0)
        {
            First.Get<ChangeFeed>().Subscribe(Topics.Switches, WhileAnnouncedAsync); // the others take it in, and machines go on
        }
    }

    private async Task WhileAnnouncedAsync(CancellationToken cancellation)
    {
        foreach (var other in _servers.Skip(1).OfType<SimulatedServer>())
        {
            await other.LookAsync();
        }

        Act(50);
    }

    private async Task CollectAsync()
    {
        foreach (var repository in _repositories)
        {
            await First.Get<PruneSnapshots>().RunAsync(repository.Name, _times.Grace, Cancellation);
        }

        await First.Get<DropWithdrawn>().RunAsync(Cancellation);
        await First.Get<CollectGarbage>().RunAsync(_times.Grace, (_, _, _) => { }, Cancellation);
    }

    // Those who are due, at any server.
    private void Act(int most)
    {
        while (most-- > 0 && _due.TryPeek(out var machine, out var at) && at <= _clock.Now)
        {
            _due.Dequeue();
            var rest = machine.Step(_servers[_random.Next(_servers.Length)]!);
            _due.Enqueue(machine, _clock.Now + rest);
        }
    }

    private void Abort(SimulatedRepository? repository)
    {
        foreach (var machine in _machines.Where(machine => repository is null || _reads[machine] == repository))
        {
            machine.Abort();
        }
    }
}
