using Parceler.App.Configuration;
using Parceler.App.Http;

namespace Parceler.App.Telemetry;

/// <summary><c>GET /metrics</c> on the addresses of the service, for whoever has the token. Without one configured there is no such address.</summary>
internal static class MetricsEndpoint
{
    public const string Path = "/metrics";
    private const string Scheme = "Bearer ";

    public static void MapMetrics(this WebApplication app, TelemetrySettings telemetry)
    {
        if (telemetry.Token is not { } token)
        {
            return;
        }

        app.MapWhen(
            http => http.Request.Path == Path,
            metrics =>
            {
                metrics.Use(async (http, next) =>
                {
                    if (!IsAuthorised(http.Request.Headers.Authorization, token))
                    {
                        Refuse(http);
                        return;
                    }

                    await ReceivingThread.Leave(); // some milliseconds, with many sessions
                    await next(http);
                });
                metrics.UseOpenTelemetryPrometheusScrapingEndpoint(Path);
            }
        );
    }

    private static bool IsAuthorised(string? header, string token) =>
        header is not null && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && Bypass.Same(header[Scheme.Length..].Trim(), token);

    private static void Refuse(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status401Unauthorized;
        http.Response.Headers.WWWAuthenticate = "Bearer realm=\"Parceler\"";
        http.Response.ContentLength = 0;
    }
}
