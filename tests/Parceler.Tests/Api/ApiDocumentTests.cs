using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Parceler.App.Http.Api;
using Parceler.Tests.Support;

namespace Parceler.Tests.Api;

/// <summary>docs/openapi.json is what the service does.</summary>
public sealed partial class ApiDocumentTests : IAsyncLifetime
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private TestParceler _parceler = null!;

    public async ValueTask InitializeAsync() => _parceler = await TestParceler.StartAsync();

    public ValueTask DisposeAsync() => _parceler.DisposeAsync();

    [Fact]
    public async Task The_document_that_is_checked_in_is_the_one_of_the_service()
    {
        using var anybody = new ApiClient(_parceler);
        var own = JsonSerializer.Serialize((await anybody.GetAsync("openapi.json")).ShouldBe(200).Json, s_indented) + "\n";
        var file = new FileInfo(ThisFile()).Directory!.Parent!.Parent!.Parent! + "/docs/openapi.json";
        if (Environment.GetEnvironmentVariable("PARCELER_RENEW_OPENAPI") == "1")
        {
            await File.WriteAllTextAsync(file, own, TestContext.Current.CancellationToken);
        }

        File.ReadAllText(file).Should().Be(own, "docs/openapi.json is renewed by running this test with PARCELER_RENEW_OPENAPI=1");
    }

    [Fact]
    public void Every_endpoint_says_who_may_and_every_change_is_named()
    {
        var endpoints = _parceler.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api/", StringComparison.Ordinal)).ToList();

        endpoints.Should().HaveCountGreaterThan(40);
        foreach (var endpoint in endpoints.Where(endpoint => endpoint.RoutePattern.RawText is not (ApiDocument.Path or Reference.Path)))
        {
            var rule = endpoint.Metadata.GetMetadata<ApiRule>();
            rule.Should().NotBeNull(endpoint.DisplayName);
            var reads = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Contains("GET") || endpoint.DisplayName!.Contains("sessions/current", StringComparison.Ordinal);
            (rule!.What is null).Should().Be(reads, endpoint.DisplayName);
        }
    }

    [Fact]
    public async Task The_reference_shows_all_of_it_and_loads_nothing_from_elsewhere()
    {
        using var anybody = new ApiClient(_parceler);
        var document = (await anybody.GetAsync("openapi.json")).Json;
        var page = (await anybody.GetAsync("reference")).ShouldBe(200);

        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            page.Text.Should().Contain(path.Name);
        }

        Resource().IsMatch(page.Text).Should().BeFalse();
        page.Header("Content-Security-Policy").Should().Be("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex("<script|src=|@import|url\\(|<link|href=\"(?![#/])")]
    private static partial Regex Resource();
}
