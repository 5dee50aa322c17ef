using OpenTelemetry.Metrics;

namespace Parceler.App.Telemetry;

/// <summary>A small web server for the metrics alone, on addresses of its own: of a worker too, and nothing else is reached through it.</summary>
internal sealed partial class MetricsServer(string urls, MeterProvider metrics, ILoggerFactory logs) : IHostedService, IAsyncDisposable
{
    private const int MostConnections = 64;
    private WebApplication? _app;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(logs);
        builder.WebHost.UseKestrelCore().UseUrls(urls.Split(';')).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            kestrel.Limits.MaxRequestBodySize = 0;
        });
        _app = builder.Build();
        _app.UseOpenTelemetryPrometheusScrapingEndpoint(metrics, predicate: null, path: MetricsEndpoint.Path, configureBranchedPipeline: null, optionsName: null);
        await _app.StartAsync(cancellationToken);
        var (log, addresses) = (logs.CreateLogger("Parceler"), string.Join(", ", _app.Urls));
        Started(log, addresses);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_app is { } app)
        {
            await app.StopAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is { } app)
        {
            await app.DisposeAsync();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Metrics are at {Addresses}, path /metrics")]
    private static partial void Started(ILogger log, string addresses);
}
