using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Parceler.Tests.Support;

/// <summary>One answer of the licence server.</summary>
internal sealed record LicenceReply(int Status, string Body = "")
{
    public string? Location { get; init; }

    public TimeSpan Delay { get; init; }

    /// <summary>The request is taken and never answered.</summary>
    public bool Hangs { get; init; }
}

/// <summary>
/// A licence server on a loopback port, for both kinds of authority. It knows the machines it was told of, denies all
/// others, and answers everybody the same while <see cref="Everybody"/> is set. Every call is counted by its credentials.
/// </summary>
internal sealed class FakeLicenceServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _calls = new();
    private readonly ConcurrentDictionary<string, LicenceReply> _replies = new();
    private readonly CancellationTokenSource _stopping = new();
    private volatile TaskCompletionSource? _held;
    private int _atOnce;
    private int _mostAtOnce;

    private FakeLicenceServer(WebApplication app) => _app = app;

    /// <summary>The endpoint of a basic tier.</summary>
    public Uri Enterprise => new(_app.Urls.Single() + "/auth");

    /// <summary>The endpoint of a token tier.</summary>
    public Uri Community => new(_app.Urls.Single() + "/api/machine/info");

    /// <summary>An answer for all machines, as in an outage; null: each gets its own.</summary>
    public LicenceReply? Everybody { get; set; }

    /// <summary>The calls so far, each as the value of its <c>Authorization</c> header.</summary>
    public IReadOnlyCollection<string> Calls => _calls;

    /// <summary>How many calls were under way at once, at most.</summary>
    public int MostAtOnce => Volatile.Read(ref _mostAtOnce);

    public static async Task<FakeLicenceServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var server = new FakeLicenceServer(builder.Build());
        server._app.Run(server.CountAsync);
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>What the server says of one machine of a basic tier.</summary>
    public void Answer(string id, string secret, LicenceReply reply) => _replies[BasicOf(id, secret)] = reply;

    /// <summary>What the server says of one secret of a token tier.</summary>
    public void Answer(string token, LicenceReply reply) => _replies[$"token {token}"] = reply;

    public void Allow(string id, string secret) => Answer(id, secret, new(200));

    public void AllowUntil(string token, DateTimeOffset end) => Answer(token, Subscription($"\"{end:O}\""));

    public void Deny(string id, string secret) => Answer(id, secret, new(403));

    /// <summary>A token authority's answer, with <paramref name="validUntil"/> as it stands in the JSON.</summary>
    public static LicenceReply Subscription(string validUntil) => new(200, "{\"subscription\":{\"valid_until\":" + validUntil + "}}");

    public int CallsOf(string id, string secret) => _calls.Count(call => call == BasicOf(id, secret));

    public int CallsOf(string token) => _calls.Count(call => call == $"token {token}");

    /// <summary>Calls are counted but wait until <see cref="Release"/>.</summary>
    public void Hold() => _held = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release()
    {
        _held?.SetResult();
        _held = null;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _app.DisposeAsync();
        _stopping.Dispose();
    }

    private static string BasicOf(string id, string secret) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{secret}"));

    private async Task CountAsync(HttpContext http)
    {
        var atOnce = Interlocked.Increment(ref _atOnce);
        InterlockedMax(atOnce);
        try
        {
            await AnswerAsync(http);
        }
        finally
        {
            Interlocked.Decrement(ref _atOnce);
        }
    }

    private void InterlockedMax(int atOnce)
    {
        for (var most = MostAtOnce; atOnce > most; most = MostAtOnce)
        {
            Interlocked.CompareExchange(ref _mostAtOnce, atOnce, most);
        }
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var caller = http.Request.Headers.Authorization.ToString();
        _calls.Enqueue(caller);
        if (http.Request.Path == "/login")
        {
            return; // the page that a redirect leads to: 200 for anybody
        }

        using var gone = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, _stopping.Token);
        var reply = Everybody ?? _replies.GetValueOrDefault(caller) ?? new LicenceReply(http.Request.Path == "/auth" ? 401 : 404);
        try
        {
            await Task.Delay(reply.Hangs ? Timeout.InfiniteTimeSpan : reply.Delay, TimeProvider.System, gone.Token);
            await (_held?.Task ?? Task.CompletedTask).WaitAsync(gone.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        http.Response.StatusCode = reply.Status;
        http.Response.Headers.Location = reply.Location;
        await http.Response.WriteAsync(reply.Body, gone.Token);
    }
}
