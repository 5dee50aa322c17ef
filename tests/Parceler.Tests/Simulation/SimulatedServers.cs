using Parceler.Database;
using Parceler.Delivery;
using Parceler.Releases;
using Parceler.Tests.Entitlements;

namespace Parceler.Tests.Simulation;

/// <summary>
/// The processes on one storage: some web servers, and one for operators and jobs. While one of them announces a switch, the
/// others take it in one by one, and machines go on in between.
/// </summary>
internal sealed class SimulatedServers(string storage, SimulatedTime time, LeaseTimes times, SimulatedHistory history, LogLines log, int count) : IAsyncDisposable
{
    private readonly SimulatedServer?[] _web = new SimulatedServer?[count];
    private Func<Task>? _meanwhile;
    private SimulatedServer? _operator;
    private SimulatedServer? _announcing;
    private long _asked;

    public int Count => count;

    /// <summary>Who runs jobs and takes commands.</summary>
    public SimulatedServer Operator => _operator!;

    public IEnumerable<SimulatedServer> Web => _web.OfType<SimulatedServer>();

    /// <summary>How many requests the database decided.</summary>
    public long Asked => _asked + Web.Sum(server => server.Asked);

    /// <param name="meanwhile">What goes on while a switch is announced.</param>
    public async Task StartAsync(Func<Task> meanwhile)
    {
        _meanwhile = meanwhile;
        _operator = await CreateAsync(_web.Length);
        for (var number = 0; number < _web.Length; number++)
        {
            await StartAsync(number);
        }
    }

    public SimulatedServer? At(int number) => _web[number];

    public async Task StartAsync(int number)
    {
        history.Happened("starts", $"server {number}");
        var server = await CreateAsync(number);
        await WhileAnnouncingAsync(server, server.JoinAsync);
        _web[number] = server;
    }

    public async Task StopAsync(int number)
    {
        history.Happened("stops", $"server {number}");
        var server = _web[number]!;
        _web[number] = null; // no request comes in any more
        _asked += server.Asked;
        await server.LeaveAsync();
    }

    /// <summary>Does what may announce a switch, in the name of one process.</summary>
    public async Task WhileAnnouncingAsync(SimulatedServer by, Func<Task> work)
    {
        _announcing = by;
        try
        {
            await work();
        }
        finally
        {
            _announcing = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in Web.Append(Operator))
        {
            await server.DisposeAsync();
        }
    }

    private async Task<SimulatedServer> CreateAsync(int number)
    {
        var server = await SimulatedServer.CreateAsync(number, storage, time.ClockAhead(TimeSpan.FromMilliseconds(700 * number)), times, log);
        server.Get<ChangeFeed>().Subscribe(Topics.Switches, _ => LookTooAsync(server));
        return server;
    }

    private async Task LookTooAsync(SimulatedServer server)
    {
        if (_announcing != server)
        {
            return;
        }

        _announcing = null; // once
        history.Happened("announces", $"process {server.Number}");
        foreach (var other in Web.Where(other => other != server))
        {
            await _meanwhile!();
            await other.LookAsync();
        }

        await _meanwhile!();
        _announcing = server;
    }
}
