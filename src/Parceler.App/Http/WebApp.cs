using Microsoft.AspNetCore.Server.Kestrel.Core;
using Parceler.App.Configuration;
using Parceler.App.Telemetry;
using Parceler.App.Tls;

namespace Parceler.App.Http;

/// <summary>The web server and its few addresses.</summary>
internal static class WebApp
{
    private static readonly string[] s_reading = [HttpMethods.Get, HttpMethods.Head];

    // A request is answered on the thread that received it: two hand-overs between threads cost more than the answer. What
    // may wait for a disk leaves that thread first (docs/decisions/0007).
    private const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";
    private const long ResponseBuffer = 4 << 20; // large enough that a file goes out in few pieces

    public static void AddWeb(this WebApplicationBuilder builder, ParcelerSettings settings)
    {
        Environment.SetEnvironmentVariable(InlineCompletions, "1"); // read when the first socket is made
        builder.WebHost.UseKestrel(Limit).UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true).UseUrls(settings.Urls.Split(';'));
        builder.AddTls(settings.Tls);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<FileAnswer>().AddSingleton<DownloadCounts>().AddSingleton<DownloadEndpoint>().AddSingleton<MaintenancePage>().AddSingleton<ReleaseEndpoint>().AddSingleton<DeliveryLog>();
    }

    public static void MapWeb(this WebApplication app)
    {
        var downloads = app.Services.GetRequiredService<DownloadEndpoint>();
        var maintenance = app.Services.GetRequiredService<MaintenancePage>();
        app.UseProxyHeaders(app.Services.GetRequiredService<ParcelerSettings>().TrustedProxies);
        if (app.Services.GetRequiredService<DeliveryOptions>().Log)
        {
            app.Use(app.Services.GetRequiredService<DeliveryLog>().RunAsync);
        }

        app.Use(
            async (http, next) =>
            {
                if (!await downloads.TryAnswerAsync(http) && !await maintenance.TryAnswerAsync(http))
                {
                    await next(http);
                }
            }
        );
        app.MapMetrics(app.Services.GetRequiredService<ParcelerSettings>().Telemetry);
        app.UseRouting();
        app.MapMethods("/up", s_reading, () => TypedResults.Text("up\n"));
        app.MapMethods("/", s_reading, () => TypedResults.Content(Page.Start(), "text/html; charset=utf-8"));
        var release = app.Services.GetRequiredService<ReleaseEndpoint>();
        app.MapPost("/repository/{name}/release", (string name, HttpRequest request, CancellationToken cancellation) => release.RunAsync(name, request, cancellation));
        app.MapPost("/repositories/{name}/release", (string name, HttpRequest request, CancellationToken cancellation) => release.RunAsync(name, request, cancellation));
    }

    private static void Limit(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxResponseBufferSize = ResponseBuffer;
        kestrel.Limits.MaxRequestBodySize = 1 << 20;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 << 10;
        kestrel.Limits.MaxRequestLineSize = 16 << 10;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
    }
}
