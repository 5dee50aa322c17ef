using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Parceler.Netify;

namespace Parceler.Tests.Netify;

/// <summary>The Netify API on a loopback port: keeps licences as it is told to, answers catalogues, counts its calls, and makes faults.</summary>
internal sealed class FakeNetify : IAsyncDisposable
{
    public const string Key = "the-key-of-the-operator";
    public const string Catalogue = "[ {\"id\" : 1,\"label\":\"Wh\\u0061tsApp \\/ \u00e9\", \"score\":1.50e+2},\n {\"id\":1}]";
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _calls = new();
    private readonly Dictionary<string, string> _licences = [];
    private readonly Func<DateTimeOffset> _now;
    private volatile TaskCompletionSource? _held;
    private int _number;

    private FakeNetify(WebApplication app, Func<DateTimeOffset> now) => (_app, _now) = (app, now);

    public Uri Address => new(_app.Urls.Single());

    /// <summary>Every call so far: method and path with its query, and the body where there is one.</summary>
    public IReadOnlyCollection<string> Calls => _calls;

    /// <summary>Answers all calls, or those of which the path contains <see cref="FaultAt"/>; null: none.</summary>
    public Func<HttpContext, Task>? Fault { get; set; }

    public string FaultAt { get; set; } = "";

    /// <summary>Entitlements that new licences lack.</summary>
    public string[] Withholds { get; set; } = [];

    public static async Task<FakeNetify> StartAsync(Func<DateTimeOffset> now)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var netify = new FakeNetify(builder.Build(), now);
        netify._app.Run(netify.AnswerAsync);
        await netify._app.StartAsync(TestContext.Current.CancellationToken);
        return netify;
    }

    public Dictionary<string, string?> Settings(string? suffix = null) =>
        new() { ["NETIFYD_API_ENDPOINT"] = Address.ToString(), ["NETIFYD_API_KEY"] = Key, ["NETIFYD_LICENSE_SUFFIX"] = suffix };

    /// <summary>A licence that is there already; its JSON as the API writes it, which no serializer of ours would.</summary>
    public string Put(string label, DateTimeOffset ends, params string[] without)
    {
        var serial = $"S/{Interlocked.Increment(ref _number)}";
        var entitlements = string.Join(", ", NetifyLicence.Entitlements.Except(without).Select(name => $"\"{name}\" : true"));
        var licence = $$"""{ "serial":"{{serial.Replace("/", "\\/", StringComparison.Ordinal)}}",  "issued_to":"{{label}}", "expire_at":{"unix":{{ends.ToUnixTimeSeconds()}}, "human":"{{ends:yyyy-MM-dd}}"},"x":1.0,{{entitlements}} }""";
        lock (_licences)
        {
            _licences[serial] = licence;
        }

        return licence;
    }

    public void Hold() => _held = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release()
    {
        _held?.SetResult();
        _held = null;
    }

    public static Func<HttpContext, Task> Says(int status, string body = "") =>
        async http =>
        {
            http.Response.StatusCode = status;
            await http.Response.WriteAsync(body);
        };

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync();
        var target = http.Request.Path + http.Request.QueryString;
        _calls.Enqueue($"{http.Request.Method} {target} {body}".TrimEnd());
        await (_held?.Task ?? Task.CompletedTask).WaitAsync(TimeSpan.FromSeconds(30));
        if (Fault is { } fault && target.Contains(FaultAt, StringComparison.Ordinal))
        {
            await fault(http);
        }
        else if (http.Request.Headers["x-api-key"] != Key)
        {
            http.Response.StatusCode = 403;
        }
        else
        {
            await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(Answer(http, target, body)));
        }
    }

    private string Answer(HttpContext http, string target, string body)
    {
        const string Licences = "/api/v2/integrator/licenses";
        string[] catalogues = ["applications/catalog", "applications/categories", "protocols/catalog", "protocols/categories"];
        if (http.Request.Method == "GET" && catalogues.Any(what => target == $"/api/v2/integrator/{what}?version=5.1"))
        {
            return $"{{\"status\":{{\"data\":[]}}, \"data\" : {Catalogue}, \"more\":null}}";
        }

        lock (_licences)
        {
            var serial = target.StartsWith(Licences + "/", StringComparison.Ordinal) ? Uri.UnescapeDataString(target[(Licences.Length + 1)..].Replace("/renew", "", StringComparison.Ordinal)) : null;
            switch (http.Request.Method)
            {
                case "GET" when target == Licences + "?format=netifyd":
                    return $"{{\"data\":[{string.Join(" , ", _licences.Values.Prepend("{\"serial\":7}"))}]}}";
                case "POST" when serial is null:
                    var wanted = JsonNode.Parse(body)!;
                    return $"{{\"data\":{Put((string)wanted["issued_to"]!, _now().AddDays((int)wanted["duration_days"]!), Withholds)}}}";
                case "POST" when _licences.Remove(serial!, out var old):
                    var label = (string)JsonNode.Parse(old)!["issued_to"]!;
                    return $"{{\"data\":{Put(label, DateTimeOffset.Parse((string)JsonNode.Parse(body)!["expire_at"]!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal))}}}";
                case "DELETE" when _licences.Remove(serial!):
                    return "";
                default:
                    http.Response.StatusCode = 404;
                    return "";
            }
        }
    }
}
