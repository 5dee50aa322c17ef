using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parceler.App;
using Parceler.App.Configuration;
using Parceler.Database;
using Parceler.Delivery;
using Parceler.Entitlements;
using Parceler.Jobs;
using Parceler.Storage;
using Parceler.Tests.Entitlements;

namespace Parceler.Tests.Simulation;

/// <summary>The engine of one web server, without sockets and with no work in the background but what the simulation does.</summary>
internal sealed class SimulatedServer : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly Sessions _sessions;
    private readonly CurrentDeliveryMap _map;
    private readonly BlobStore _blobs;
    private long _requests;

    private SimulatedServer(int number, ServiceProvider services, SimulatedClock clock)
    {
        Number = number;
        Clock = clock;
        _services = services;
        _sessions = Get<Sessions>();
        _map = Get<CurrentDeliveryMap>();
        _blobs = Get<BlobStore>();
    }

    public int Number { get; }

    public SimulatedClock Clock { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<SimulatedServer> StartAsync(int number, string storage, SimulatedClock clock, LeaseTimes times, LogLines log)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("STORAGE_PATH", storage)]).Build();
        var settings = new SettingsReader(configuration).Read() with { Leases = times };
        var services = new ServiceCollection().AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning).AddProvider(log)).AddParceler(settings, clock).BuildServiceProvider();
        await services.PrepareAsync(Cancellation);
        var server = new SimulatedServer(number, services, clock);
        await server._map.StartAsync(server.Get<ChangeFeed>(), Cancellation);
        return server;
    }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>What a machine gets at a path.</summary>
    public (Digest Digest, string Text) Get(SimulatedRepository repository, MachineKey machine, string path)
    {
        if (!_map.Map.TryFind(repository.Name.ToString(), out var served))
        {
            throw new BrokenSessionException($"{repository.Name} is gone");
        }

        if (!_sessions.TryFind(served, machine, path, Clock.Now, out var file))
        {
            file = _sessions.FindAsync(served.Name, machine, path, Cancellation).AsTask().GetAwaiter().GetResult();
        }

        if (file is not { } found)
        {
            throw new BrokenSessionException($"{repository.Name} at {Clock.Now:MM-dd HH:mm:ss}, server {Number}: {path} is 404");
        }

        return ++_requests % 16 != 0 || File.Exists(_blobs.PathOf(found.File.Digest))
            ? (found.File.Digest, repository.TextOf(found.File.Digest))
            : throw new BrokenSessionException($"{repository.Name}: the blob of {path} was collected");
    }

    public Task LookAsync() => Get<ChangeFeed>().LookAsync(Cancellation);

    /// <summary>What goes on behind the requests.</summary>
    public Task FlushAsync() => Get<LeaseStore>().FlushAsync(Cancellation);

    public Task FollowClockAsync() => _map.FollowClockAsync(Cancellation);

    public async ValueTask DisposeAsync()
    {
        await FlushAsync();
        await Get<WorkerRegister>().SayGoneAsync(Get<StandingSwitches>().Process, ProcessRoles.Web, CancellationToken.None);
        await _services.DisposeAsync();
    }
}
