using System.Globalization;
using Parceler.Delivery;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Tests.Entitlements;
using Parceler.Tests.Support;

namespace Parceler.Tests.Simulation;

/// <summary>
/// Thousands of machines at one or more web servers on one storage, while syncs, operators, restarts and the clock change
/// everything under them. All that happens follows from the seed.
/// </summary>
internal sealed class SimulatedFleet : IAsyncDisposable
{
    /// <summary>With a shorter grace period, so that two days show all of it.</summary>
    public static readonly LeaseTimes Times = LeaseTimes.Usual with { Grace = TimeSpan.FromHours(12) };
    private readonly TempFolder _folder = TempFolder.InMemory();
    private readonly SimulatedTime _time = new();
    private readonly LeaseTimes _times;
    private readonly Random _random;
    private readonly List<SimulatedRepository> _repositories = [];
    private readonly List<SimulatedMachine> _machines = [];
    private readonly PriorityQueue<SimulatedMachine, TimeSpan> _due = new();
    private readonly PriorityQueue<Func<Task>, TimeSpan> _events = new();
    private readonly SimulatedServers _servers;
    private readonly List<(TimeSpan At, TimeSpan By)> _setBack = [];
    private TimeSpan _ahead;
    private int _sessions;

    public SimulatedFleet(int seed, int machines, int servers, LeaseTimes times)
    {
        _times = times;
        _random = new(seed);
        History = new(_time);
        _servers = new(_folder["storage"], _time, times, History, Log, servers);
        foreach (var format in Enum.GetValues<Format>())
        {
            _repositories.Add(new(RepositoryName.Parse(format.ToString()), new(format, new(_random.Next())), History, new(_random.Next())));
        }

        for (var number = 0; number < machines; number++)
        {
            _machines.Add(MachineOf(number));
        }
    }

    public LogLines Log { get; } = new();

    public SimulatedHistory History { get; }

    /// <summary>How many updates have begun.</summary>
    public int Sessions => _sessions;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Goes on until so many updates have begun.</summary>
    public async Task RunAsync(int sessions)
    {
        await _servers.StartAsync(LetPassAsync);
        foreach (var repository in _repositories)
        {
            await _servers.WhileAnnouncingAsync(_servers.Operator, () => repository.CreateAsync(_servers.Operator));
        }

        await LookAsync();
        Plan();
        while (_sessions < sessions)
        {
            await NextAsync();
        }
    }

    /// <summary>What happened, in numbers.</summary>
    public override string ToString() =>
        $"{_sessions} sessions, {History.Requests} requests ({_servers.Asked} decided in the database) in {_time.Passed.TotalHours.ToString("0", CultureInfo.InvariantCulture)} h, history {History.Digest}: {string.Join(", ", History.Counts.Select(count => $"{count.Key} {count.Value}"))}";

    public async ValueTask DisposeAsync()
    {
        await _servers.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    private SimulatedMachine MachineOf(int number)
    {
        var (repository, random) = (_repositories[number % _repositories.Count], new Random(_random.Next()));
        return repository.Upstream.Format switch
        {
            Format.Opkg => new OpkgMachine(number, repository, _time, History, random),
            Format.Apk => new ApkMachine(number, repository, _time, History, random),
            Format.Apt => new AptMachine(number, repository, _time, History, random),
            _ => new DnfMachine(number, repository, _time, History, random),
        };
    }

    // What servers do by themselves takes up to four times as long as with real ones; all else comes far more often.
    private void Plan()
    {
        foreach (var machine in _machines)
        {
            _due.Enqueue(machine, _time.Passed + (_random.NextDouble() * TimeSpan.FromHours(8)));
        }

        for (var i = 0; i < _servers.Count; i++)
        {
            var number = i;
            Repeat(TimeSpan.FromSeconds(40), () => _servers.At(number)?.FlushAsync());
            Repeat(TimeSpan.FromSeconds(20), () => _servers.At(number)?.LookAsync());
            Repeat(TimeSpan.FromMinutes(4), () => FollowClockAsync(number));
            Repeat(TimeSpan.FromMinutes(100), () => RestartAsync(number));
        }

        Repeat(TimeSpan.FromMinutes(7), ChangeAsync);
        Repeat(TimeSpan.FromMinutes(60), CollectAsync);
        Repeat(TimeSpan.FromHours(3), SetBackAsync);
        Repeat(TimeSpan.FromHours(8), JumpAsync);
    }

    private void Repeat(TimeSpan atMost, Func<Task?> work)
    {
        _events.Enqueue(RunAsync, _time.Passed + (_random.NextDouble() * atMost));

        async Task RunAsync()
        {
            await (work() ?? Task.CompletedTask);
            Repeat(atMost, work);
        }
    }

    private async Task NextAsync()
    {
        _events.TryPeek(out _, out var next);
        LetMachinesGoOn(next);
        if (_events.TryDequeue(out var happens, out _))
        {
            await happens();
        }
    }

    // Until then.
    private void LetMachinesGoOn(TimeSpan until)
    {
        while (_due.TryPeek(out var machine, out var at) && at <= until)
        {
            _due.Dequeue();
            _time.PassUntil(at);
            _due.Enqueue(machine, at + StepOf(machine));
        }

        _time.PassUntil(until);
    }

    // Some moments between one thing and the next that processes do.
    private Task LetPassAsync()
    {
        LetMachinesGoOn(_time.Passed + TimeSpan.FromMilliseconds(_random.Next(2_000)));
        return Task.CompletedTask;
    }

    // At any server.
    private TimeSpan StepOf(SimulatedMachine machine)
    {
        if (_servers.At(_random.Next(_servers.Count)) is not { } server)
        {
            return TimeSpan.FromSeconds(10); // refused: it tries again
        }

        try
        {
            var updates = machine.Updates;
            var rest = machine.Step(server);
            _sessions += machine.Updates - updates;
            return rest;
        }
        catch (BrokenSessionException e)
        {
            var views = _servers.Web.Select(web => web.Describe(machine.Repository, machine.Key));
            throw new BrokenSessionException($"{e.Message}\n{machine.Describe()}\n{string.Join('\n', views)}\n{History.Last}");
        }
    }

    private async Task ChangeAsync()
    {
        var repository = _repositories[_random.Next(_repositories.Count)];
        var endsSessions = false;
        await _servers.WhileAnnouncingAsync(_servers.Operator, async () => endsSessions = await repository.ChangeAsync(_servers.Operator));
        if (endsSessions)
        {
            await LookAsync();
            Abort(machine => machine.Repository == repository);
        }

        await LetPassAsync(); // no server has looked yet
    }

    private async Task FollowClockAsync(int number)
    {
        if (_servers.At(number) is { } server)
        {
            await _servers.WhileAnnouncingAsync(server, server.FollowClockAsync);
        }
    }

    // It takes up to some minutes; the machines go to the other one, if there is one.
    private async Task RestartAsync(int number)
    {
        if (_servers.At(number) is null)
        {
            return;
        }

        await _servers.StopAsync(number);
        _events.Enqueue(() => _servers.StartAsync(number), _time.Passed + (_random.NextDouble() * TimeSpan.FromMinutes(3)));
    }

    private async Task CollectAsync()
    {
        History.Happened("collects");
        foreach (var repository in _repositories)
        {
            await _servers.Operator.Get<PruneSnapshots>().RunAsync(repository.Name, _times.Grace, Cancellation);
        }

        await _servers.Operator.Get<DropWithdrawn>().RunAsync(Cancellation);
        await _servers.Operator.Get<CollectGarbage>().RunAsync(_times.Grace, (_, _, _) => { }, Cancellation);
    }

    // Less than an hour in all during any one session, which else would end.
    private Task SetBackAsync()
    {
        var before = _setBack.Where(set => set.At > _time.Passed - TimeSpan.FromHours(10)).Sum(set => set.By.TotalMinutes);
        var by = TimeSpan.FromMinutes(_random.Next(1, Math.Max(2, 55 - (int)before)));
        History.Happened("clock goes back", by.ToString());
        _setBack.Add((_time.Passed, by));
        _time.Set(-by);
        return Task.CompletedTask;
    }

    // By hours, and sometimes back to where it was: sessions end.
    private async Task JumpAsync()
    {
        var by = _ahead > TimeSpan.Zero && _random.Next(2) == 0 ? -_ahead : TimeSpan.FromHours(_random.Next(1, 14));
        by = _ahead + by > TimeSpan.FromHours(22) ? -_ahead : by; // a sync that is to be a day older than the newest snapshot is refused
        History.Happened(by < TimeSpan.Zero ? "clock jumps back" : "clock jumps ahead", by.ToString());
        _ahead += by;
        _time.Set(by);
        await LookAsync();
        Abort(_ => true);
    }

    private async Task LookAsync()
    {
        foreach (var server in _servers.Web)
        {
            await server.LookAsync();
        }
    }

    private void Abort(Func<SimulatedMachine, bool> which)
    {
        foreach (var machine in _machines.Where(which))
        {
            machine.Abort();
        }
    }
}
