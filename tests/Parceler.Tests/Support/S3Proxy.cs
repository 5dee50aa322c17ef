using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Parceler.Tests.Support;

/// <summary>What the proxy does with a request in place of passing it on and its answer back.</summary>
internal enum S3Fault
{
    /// <summary>Nothing goes wrong.</summary>
    None,

    /// <summary>503, and the store never hears of it.</summary>
    Unavailable,

    /// <summary>The connection ends without an answer, and the store never hears of it.</summary>
    Cut,

    /// <summary>The store does it, and the connection ends without an answer.</summary>
    AnswerLost,

    /// <summary>Half of the answer's body, then the connection ends.</summary>
    Truncated,

    /// <summary>No answer, and the connection stays.</summary>
    Silent,

    /// <summary>The answer's first bytes, then nothing more, and the connection stays.</summary>
    Stalled,

    /// <summary>200 and no word more.</summary>
    Empty,
}

/// <summary>Stands in front of a real gateway: counts what is asked of it, and does what goes wrong between a service and its store.</summary>
internal sealed class S3Proxy : IAsyncDisposable
{
    private readonly HttpClient _gateway = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
    private readonly Uri _endpoint;
    private readonly WebApplication _app;

    private S3Proxy(Uri endpoint)
    {
        _endpoint = endpoint;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(Unbounded);
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public Uri Endpoint => new(_app.Urls.Single());

    /// <summary>Decides for each request, as "GET /bucket/key?query".</summary>
    public Func<string, S3Fault> Fault { get; set; } = _ => S3Fault.None;

    /// <summary>All requests so far.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public static async Task<S3Proxy> StartAsync(Uri endpoint)
    {
        var proxy = new S3Proxy(endpoint);
        await proxy._app.StartAsync(TestContext.Current.CancellationToken);
        return proxy;
    }

    /// <summary>What goes wrong with the first so many requests that look like this.</summary>
    public void FailFirst(int count, string like, S3Fault fault) => Fault = request => request.Contains(like, StringComparison.Ordinal) && Interlocked.Decrement(ref count) >= 0 ? fault : S3Fault.None;

    public void FailAll(string like, S3Fault fault) => Fault = request => request.Contains(like, StringComparison.Ordinal) ? fault : S3Fault.None;

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
        _gateway.Dispose();
    }

    private static void Unbounded(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        options.Limits.MaxRequestBodySize = null;
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var request = $"{context.Request.Method} {target}";
        Requests.Enqueue(request);
        var fault = Fault(request);
        switch (fault)
        {
            case S3Fault.Unavailable:
                context.Response.StatusCode = 503;
                await context.Response.WriteAsync("<?xml version=\"1.0\"?><Error><Code>SlowDown</Code></Error>", context.RequestAborted);
                break;
            case S3Fault.Cut:
                context.Abort();
                break;
            case S3Fault.Silent:
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
                break;
            case S3Fault.Empty:
                break;
            default:
                await PassOnAsync(context, target, fault);
                break;
        }
    }

    private async Task PassOnAsync(HttpContext context, string target, S3Fault fault)
    {
        using var request = RequestOf(context, target);
        using var answer = await _gateway.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        if (fault == S3Fault.AnswerLost)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(header => header.Key is not ("Transfer-Encoding" or "Connection" or "Keep-Alive")))
        {
            context.Response.Headers[name] = values.ToArray();
        }

        if (fault is S3Fault.Truncated or S3Fault.Stalled)
        {
            await HalfAsync(context, answer, fault);
        }
        else
        {
            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
    }

    private static async Task HalfAsync(HttpContext context, HttpResponseMessage answer, S3Fault fault)
    {
        var body = await answer.Content.ReadAsByteArrayAsync(context.RequestAborted);
        await context.Response.Body.WriteAsync(body.AsMemory(0, body.Length / 2), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        if (fault == S3Fault.Stalled)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        }

        context.Abort();
    }

    // The signature covers the host and the target as they were sent.
    private HttpRequestMessage RequestOf(HttpContext context, string target)
    {
        var address = new Uri(_endpoint.GetLeftPart(UriPartial.Authority) + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(new(context.Request.Method), address) { Version = HttpVersion.Version11 };
        if (context.Request.ContentLength is not null || context.Request.Headers.TransferEncoding.Count > 0)
        {
            request.Content = new StreamContent(context.Request.Body);
        }

        foreach (var (name, values) in context.Request.Headers.Where(header => header.Key is not ("Connection" or "Expect")))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.ToArray()))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
            }
        }

        return request;
    }
}
