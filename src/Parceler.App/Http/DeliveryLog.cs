using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Parceler.Entitlements;

namespace Parceler.App.Http;

/// <summary>One line for each request below <c>/repository</c>: who, what, and the answer. Never the secret.</summary>
internal sealed partial class DeliveryLog(TimeProvider clock, ILogger<DeliveryLog> log)
{
    public async Task RunAsync(HttpContext http, RequestDelegate next)
    {
        var began = clock.GetTimestamp();
        await next(http);
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (target.StartsWith("/repositor", StringComparison.Ordinal))
        {
            var machine = Credentials.Parse(http.Request.Headers.Authorization)?.Id.ToString() ?? "-";
            var bytes = HttpMethods.IsHead(http.Request.Method) ? "-" : http.Response.ContentLength?.ToString(CultureInfo.InvariantCulture) ?? "-"; // of a HEAD it is the file's size, which is not sent
            var took = clock.GetElapsedTime(began).TotalMilliseconds;
            Line(log, http.Connection.RemoteIpAddress, machine, http.Request.Method, target, http.Response.StatusCode, bytes, took);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Address} {Machine} {Method} {Target} {Status} {Bytes} {Milliseconds:0.0} ms")]
    private static partial void Line(ILogger log, System.Net.IPAddress? address, string machine, string method, string target, int status, string bytes, double milliseconds);
}
