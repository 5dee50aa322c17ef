using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Parceler.Entitlements;

namespace Parceler.App.Http;

/// <summary>One line for each request below <c>/repository</c>: who, what, the answer, and the snapshot that it came from. Never the secret.</summary>
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
            Write(http, machine, target, clock.GetElapsedTime(began).TotalMilliseconds);
        }
    }

    private void Write(HttpContext http, string machine, string target, double took)
    {
        var address = http.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : http.Connection.RemoteIpAddress;
        var (method, status) = (http.Request.Method, http.Response.StatusCode);
        var snapshot = http.Features.Get<DeliveredFrom>()?.Snapshot.ToString() ?? "-";
        if (http.Response.ContentLength is { } bytes && !HttpMethods.IsHead(method)) // of a HEAD it is the file's size, which is not sent
        {
            Line(log, address, machine, method, target, status, bytes, took, snapshot);
        }
        else
        {
            LineWithoutBody(log, address, machine, method, target, status, took, snapshot);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Address} {Machine} {Method} {Target} {Status} {Bytes} {Milliseconds:0.0} ms {Snapshot}")]
    private static partial void Line(ILogger log, IPAddress? address, string machine, string method, string target, int status, long bytes, double milliseconds, string snapshot);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Address} {Machine} {Method} {Target} {Status} - {Milliseconds:0.0} ms {Snapshot}")]
    private static partial void LineWithoutBody(ILogger log, IPAddress? address, string machine, string method, string target, int status, double milliseconds, string snapshot);
}
