using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using Parceler.App.Configuration;
using Parceler.Delivery;
using Parceler.Tests.Support;

namespace Parceler.Tests.Telemetry;

/// <summary>Who gets the metrics: whoever has the token, whoever reaches the address meant for them, and the collector that is named.</summary>
public sealed class MetricsAccessTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_token_there_is_no_such_address()
    {
        await using var parceler = await TestParceler.StartAsync();

        (await RawRequest.SendAsync(parceler.Address, "GET", "/metrics", ("Authorization", "Bearer "))).ShouldBeEmpty(404);
        (await RawRequest.SendAsync(parceler.Address, "GET", "/metrics")).ShouldBeEmpty(404);
    }

    [Fact]
    public async Task The_token_opens_it_also_during_maintenance()
    {
        await using var parceler = await TestParceler.StartAsync(new() { ["METRICS_TOKEN"] = "let-me-see" });

        (await RawRequest.SendAsync(parceler.Address, "GET", "/metrics")).ShouldBeEmpty(401)["WWW-Authenticate"].Should().Be("Bearer realm=\"Parceler\"");
        (await RawRequest.SendAsync(parceler.Address, "GET", "/metrics", ("Authorization", "Bearer let-me-se"))).ShouldBeEmpty(401);
        (await RawRequest.SendAsync(parceler.Address, "GET", "/metrics", ("Authorization", "Basic let-me-see"))).ShouldBeEmpty(401);
        await ShouldShowAsync(parceler);

        await parceler.Get<MaintenanceMode>().BeginAsync(new(60, null, null, null, parceler.Clock.GetUtcNow()), Cancellation);
        await ShouldShowAsync(parceler);
        (await RawRequest.SendAsync(parceler.Address, "GET", "/metrics")).ShouldBeEmpty(401);
    }

    [Fact]
    public async Task An_address_of_their_own_needs_no_token_and_has_nothing_else()
    {
        var own = new Uri($"http://127.0.0.1:{FreePort.Find()}");
        await using var parceler = await TestParceler.StartAsync(new() { ["METRICS_URLS"] = own.ToString() });

        (await RawRequest.SendAsync(own, "GET", "/metrics")).Text.Should().Contain("# TYPE parceler_maintenance gauge");
        foreach (var other in new[] { "/", "/up", "/repository/enterprise/x/y" })
        {
            (await RawRequest.SendAsync(own, "GET", other)).ShouldBeEmpty(404);
        }

        (await RawRequest.SendAsync(parceler.Address, "GET", "/metrics")).ShouldBeEmpty(404);
    }

    [Theory]
    [InlineData("http/protobuf", "/v1/metrics")]
    [InlineData("grpc", "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export")]
    public async Task A_collector_gets_them_pushed(string protocol, string path)
    {
        await using var collector = await FakeCollector.StartAsync(protocol == "grpc" ? HttpProtocols.Http2 : HttpProtocols.Http1);
        var settings = new Dictionary<string, string?> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address, ["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol, ["OTEL_EXPORTER_OTLP_HEADERS"] = "x-key=s3cret", ["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment=here" };
        await using var parceler = await TestParceler.StartAsync(settings);

        parceler.Get<MeterProvider>().ForceFlush(10_000);

        var (target, key, body) = collector.Requests.First();
        (target, key).Should().Be((path, "s3cret"));
        body.Should().Contain("parceler.maintenance").And.Contain("deployment.environment").And.Contain("service.name");
    }

    [Theory]
    [InlineData("METRICS_URLS", "9464")]
    [InlineData("METRICS_URLS", "https://127.0.0.1:9464")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317")]
    [InlineData("LOG_FORMAT", "xml")]
    public void What_cannot_be_is_a_fault(string name, string value)
    {
        var read = () => new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection([new(name, value)]).Build()).Read();

        read.Should().Throw<SettingsException>().Which.Faults.Should().ContainSingle().Which.Should().StartWith($"{name}: '{value}' is no");
    }

    private static async Task ShouldShowAsync(TestParceler parceler)
    {
        var shown = await RawRequest.SendAsync(parceler.Address, "GET", "/metrics", ("Authorization", "Bearer let-me-see"));
        shown.Status.Should().Be(200);
        shown["Content-Type"].Should().StartWith("text/plain");
        shown.Text.Should().Contain("# TYPE parceler_maintenance gauge");
    }
}

/// <summary>A collector that keeps what is pushed to it.</summary>
internal sealed class FakeCollector : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeCollector(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    public ConcurrentQueue<(string Target, string Key, string Body)> Requests { get; } = new();

    public static async Task<FakeCollector> StartAsync(HttpProtocols protocols)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = protocols));
        var collector = new FakeCollector(builder.Build());
        collector._app.Run(collector.TakeAsync);
        await collector._app.StartAsync(TestContext.Current.CancellationToken);
        return collector;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        Requests.Enqueue((http.Request.Path, http.Request.Headers["x-key"].ToString(), Encoding.Latin1.GetString(body.ToArray())));
        if (http.Request.Protocol == "HTTP/2")
        {
            http.Response.ContentType = "application/grpc";
            http.Response.DeclareTrailer("grpc-status");
            await http.Response.Body.WriteAsync(new byte[5], http.RequestAborted);
            http.Response.AppendTrailer("grpc-status", "0");
        }
    }
}
