using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Parceler.App.Configuration;
using Parceler.App.Http.Api;
using Parceler.App.Telemetry;
using Parceler.App.Tls;
using Parceler.Delivery;
using Parceler.Netify;
using Parceler.Storage;
using Parceler.App.Transport;

namespace Parceler.App.Http;

/// <summary>The web server and its few addresses.</summary>
internal static partial class WebApp
{
    private static readonly string[] s_reading = [HttpMethods.Get, HttpMethods.Head];

    private const long RequestBuffer = 64 << 10; // requests that come in one go are answered in one go: then it is the others' turn
    private const long ResponseBuffer = 128 << 10; // what a client that reads slowly holds, besides the piece of a large file that is under way

    public static void AddWeb(this WebApplicationBuilder builder, ParcelerSettings settings)
    {
        var limits = settings.Limits.Within(FileDescriptors.Raise() - settings.OpenBlobs.Files);
        AppContext.SetSwitch(Framing.OnlyWholeLineEnds, true);
        builder.WebHost.UseKestrel(kestrel => Limit(kestrel, limits)).UseUrls(settings.Urls.Split(';'));
        builder.Services.AddSingleton<IConnectionListenerFactory, ListenerFactory>(); // the last one counts
        builder.AddTls(settings.Tls);
        builder.Services.AddRoutingCore();
        builder.AddApi();
        if (settings.S3 is not null)
        {
            builder.Services.AddSingleton(s => new StoreRedirect(new SignedUrls(s.GetRequiredService<BlobStore>(), settings.Delivery.UrlLife), settings.Delivery.Store));
        }

        if (settings.Netify is { } netify)
        {
            builder.Services.AddSingleton(netify).AddSingleton<NetifyClient>().AddSingleton<NetifyStore>().AddSingleton<NetifyCache>().AddSingleton<NetifyProxy>().AddSingleton<NetifyEndpoints>();
        }

        builder.Services.AddSingleton<FileAnswer>().AddSingleton(limits).AddSingleton<LongRequests>().AddSingleton<OpenConnections>().AddHostedService<MemoryGuard>().AddSingleton<DownloadCounts>().AddSingleton<AskVerdict>().AddSingleton<DownloadEndpoint>().AddSingleton<MaintenancePage>().AddSingleton<ReadyAnswer>().AddSingleton<ReleaseEndpoint>().AddSingleton<DeliveryLog>();
    }

    public static void MapWeb(this WebApplication app)
    {
        WarnOfFewFiles(app.Services);
        var downloads = app.Services.GetRequiredService<DownloadEndpoint>();
        var maintenance = app.Services.GetRequiredService<MaintenancePage>();
        app.UseProxyHeaders(app.Services.GetRequiredService<ParcelerSettings>().TrustedProxies);
        if (app.Services.GetRequiredService<DeliveryOptions>().Log)
        {
            app.Use(app.Services.GetRequiredService<DeliveryLog>().RunAsync);
        }

        var connections = app.Services.GetRequiredService<OpenConnections>();
        app.Use(
            async (http, next) =>
            {
                if (Framing.IsDoubtful(http.Request))
                {
                    Framing.Refuse(http);
                }
                else if (connections.IsExcess(http) && !http.Request.Path.StartsWithSegments("/up"))
                {
                    Framing.Close(http, StatusCodes.Status503ServiceUnavailable, RandomNumberGenerator.GetInt32(10, 61));
                }
                else if (!await downloads.TryAnswerAsync(http) && !await maintenance.TryAnswerAsync(http))
                {
                    await next(http);
                }
            }
        );
        app.MapMetrics(app.Services.GetRequiredService<ParcelerSettings>().Telemetry);
        app.UseRouting();
        app.UseApiGate();
        app.MapMethods("/up", s_reading, () => TypedResults.Text("up\n"));
        app.MapMethods("/up/ready", s_reading, app.Services.GetRequiredService<ReadyAnswer>().Tell);
        app.MapMethods("/", s_reading, () => TypedResults.Content(Page.Start(), "text/html; charset=utf-8"));
        app.MapApi();
        app.Services.GetService<NetifyEndpoints>()?.Map(app);
        var release = app.Services.GetRequiredService<ReleaseEndpoint>();
        app.MapPost("/repository/{name}/release", (string name, HttpRequest request, CancellationToken cancellation) => release.RunAsync(name, request, cancellation));
        app.MapPost("/repositories/{name}/release", (string name, HttpRequest request, CancellationToken cancellation) => release.RunAsync(name, request, cancellation));
    }

    private static void WarnOfFewFiles(IServiceProvider services)
    {
        var (wanted, possible) = (services.GetRequiredService<ParcelerSettings>().Limits, services.GetRequiredService<ServiceLimits>());
        if (possible.Connections < (wanted == ServiceLimits.Usual ? ServiceLimits.Few : wanted.Connections)) // what nobody asked for is not missed
        {
            FewFiles(services.GetRequiredService<ILoggerFactory>().CreateLogger("Parceler"), possible.Connections, wanted.Connections);
        }
    }

    private static void Limit(KestrelServerOptions kestrel, ServiceLimits limits)
    {
        var connections = kestrel.ApplicationServices.GetRequiredService<OpenConnections>();
        kestrel.ConfigureEndpointDefaults(listen => listen.Use(connections.Follow));
        kestrel.Limits.MaxConcurrentConnections = limits.Connections + OpenConnections.MostExcess(limits);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxResponseBufferSize = ResponseBuffer;
        kestrel.Limits.MaxRequestBufferSize = RequestBuffer;
        kestrel.Limits.MaxRequestBodySize = 1 << 20;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 << 10;
        kestrel.Limits.MaxRequestLineSize = 16 << 10;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The limit of open files (LimitNOFILE of systemd, ulimit -n) leaves room for {Possible} connections, not for the {Wanted} of DELIVERY_CONNECTIONS")]
    private static partial void FewFiles(ILogger log, int possible, int wanted);
}
