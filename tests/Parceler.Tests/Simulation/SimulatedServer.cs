using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parceler.App;
using Parceler.App.Configuration;
using Parceler.Database;
using Parceler.Delivery;
using Parceler.Entitlements;
using Parceler.Storage;
using Parceler.Tests.Entitlements;

namespace Parceler.Tests.Simulation;

/// <summary>The engine of one process, without sockets and with no work in the background but what the simulation does.</summary>
internal sealed class SimulatedServer : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly Sessions _sessions;
    private readonly CurrentDeliveryMap _map;
    private readonly BlobStore _blobs;
    private readonly TimeProvider _clock;
    private long _requests;

    private SimulatedServer(int number, ServiceProvider services, TimeProvider clock)
    {
        Number = number;
        _services = services;
        _clock = clock;
        _sessions = Get<Sessions>();
        _map = Get<CurrentDeliveryMap>();
        _blobs = Get<BlobStore>();
    }

    public int Number { get; }

    /// <summary>How many requests the database decided.</summary>
    public long Asked { get; private set; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A process that delivers nothing until it joins.</summary>
    public static async Task<SimulatedServer> CreateAsync(int number, string storage, TimeProvider clock, LeaseTimes times, LogLines log)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("STORAGE_PATH", storage)]).Build();
        var settings = new SettingsReader(configuration).Read() with { Leases = times };
        var services = new ServiceCollection().AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning).AddProvider(log)).AddParceler(settings, clock).BuildServiceProvider();
        await services.PrepareAsync(Cancellation);
        return new(number, services, clock);
    }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Begins to deliver.</summary>
    public Task JoinAsync() => Get<DeliveryLoop>().StartAsync(Get<ChangeFeed>(), Cancellation);

    /// <summary>Ends as a process that is told to.</summary>
    public async Task LeaveAsync()
    {
        await Get<LeaseStore>().FlushAsync(Cancellation);
        await Get<DeliveryLoop>().LeaveAsync();
        await DisposeAsync();
    }

    /// <summary>What a machine gets at a path.</summary>
    public DeliveredFile Get(SimulatedRepository repository, MachineKey machine, string path)
    {
        if (!_map.Map.TryFind(repository.Name.ToString(), out var served))
        {
            throw new BrokenSessionException("the repository is gone");
        }

        if (!_sessions.TryFind(served, machine, path, _clock.GetUtcNow(), out var file))
        {
            Asked++;
            file = _sessions.FindAsync(served.Name, machine, path, Cancellation).AsTask().GetAwaiter().GetResult();
        }

        var found = file ?? throw new BrokenSessionException($"{path} is 404");
        return ++_requests % 16 != 0 || File.Exists(_blobs.LocalPathOf(found.File.Digest)) ? found : throw new BrokenSessionException($"the blob of {path} was collected");
    }

    /// <summary>What this server knows of a machine, for who looks into a failure.</summary>
    public string Describe(SimulatedRepository repository, MachineKey machine)
    {
        _map.Map.TryFind(repository.Name.ToString(), out var served);
        var reading = Get<Readings>().Find(new(served?.Id ?? "", machine));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"server {Number} at {_clock.GetUtcNow():dd HH:mm:ss.fff}: serves since {served?.Served?.Since:dd HH:mm:ss.fff}, the machine reads since {reading?.Serving.Since:dd HH:mm:ss.fff} ({TimeOf(reading?.Span.StartedAt)} to {TimeOf(reading?.Span.RenewedAt)}, written {TimeOf(reading?.WrittenAt)}), a switch stands: {Get<StandingSwitches>().Any}"
        );
    }

    public Task LookAsync() => Get<ChangeFeed>().LookAsync(Cancellation);

    public Task FlushAsync() => Get<LeaseStore>().FlushDueAsync(Cancellation);

    public Task FollowClockAsync() => Get<DeliveryLoop>().FollowClockAsync(Cancellation);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private static string TimeOf(long? milliseconds) =>
        milliseconds is { } some ? DateTimeOffset.FromUnixTimeMilliseconds(some).ToString("dd HH:mm:ss.fff", CultureInfo.InvariantCulture) : "-";
}
