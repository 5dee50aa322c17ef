using Microsoft.Extensions.Logging;
using Parceler.Database;
using Parceler.Entitlements;
using Parceler.Tests.Support;

namespace Parceler.Tests.Entitlements;

/// <summary>The entitlement check on a database of its own, with a licence server to ask and a clock that the test moves.</summary>
internal sealed class Entitled : IAsyncDisposable
{
    private readonly TestStore _store;
    private readonly ILoggerFactory _logs;

    private Entitled(TestStore store, FakeLicenceServer server)
    {
        _store = store;
        Server = server;
        _logs = LoggerFactory.Create(logs => logs.AddProvider(Log).SetMinimumLevel(LogLevel.Trace));
        Options = new([Tier.Enterprise(server.Enterprise), Tier.Community(server.Community), Tier.Local(TierName.Parse("own"))], [KeyOf(1)]);
        Machines = new(store.Db, store.Disk, store.Clock);
        Check = null!;
    }

    public FakeLicenceServer Server { get; }

    public EntitlementOptions Options { get; set; }

    public LocalMachines Machines { get; private set; }

    public EntitlementCheck Check { get; private set; }

    public LogLines Log { get; } = new();

    public TestStore Store => _store;

    public DateTimeOffset Now => _store.Clock.GetUtcNow();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<Entitled> StartAsync(Func<EntitlementOptions, EntitlementOptions>? change = null)
    {
        var entitled = new Entitled(await TestStore.OpenAsync(), await FakeLicenceServer.StartAsync());
        entitled.Options = change?.Invoke(entitled.Options) ?? entitled.Options;
        await entitled.OpenAsync();
        return entitled;
    }

    public static byte[] KeyOf(byte fill) => [.. Enumerable.Repeat(fill, 32)];

    /// <summary>The service stops as it does when told to, and a new one starts on the same database.</summary>
    public async Task RestartAsync()
    {
        await Check.FlushAsync(Cancellation);
        Check.Dispose();
        await OpenAsync();
    }

    public void Pass(TimeSpan time) => _store.Clock.Advance(time);

    public Task<Verdict> DecideAsync(string tier, string id, string secret) => DecideAsync(tier, Credentials.Of(id, secret));

    /// <summary>As a download does: from memory if it can.</summary>
    public async Task<Verdict> DecideAsync(string tier, Credentials credentials, AddressBlock from = default)
    {
        var of = Check.FindTier(TierName.Parse(tier))!;
        return Check.TryDecide(of, credentials, Now, out var verdict) ? verdict : await Check.DecideAsync(of, credentials, from, Cancellation);
    }

    /// <summary>Waits for what goes on behind the verdicts.</summary>
    public Task SettleAsync() => Check.FlushAsync(Cancellation);

    public async ValueTask DisposeAsync()
    {
        Check.Dispose();
        Machines.Dispose();
        _logs.Dispose();
        await Server.DisposeAsync();
        await _store.DisposeAsync();
    }

    private async Task OpenAsync()
    {
        Machines = new(_store.Db, _store.Disk, _store.Clock);
        Check = new(Options, _store.Db, Machines, _store.Clock, _logs);
        await Check.StartAsync(_store.Feed, Cancellation);
    }
}

/// <summary>Every line that was logged, whatever its level.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");

    public void Dispose() { }
}
