using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Polly;
using Polly.Retry;

namespace Parceler.Netify;

/// <summary>
/// Asks the Netify API. Questions are tried again; what changes something there is sent once: a refresh begins with a look at what there
/// is, and sets right what was left half done.
/// </summary>
internal sealed class NetifyClient : IDisposable
{
    private const int LargestLicences = 1 << 20;
    private const int LargestCatalogue = 16 << 20;
    private const string Licences = "/api/v2/integrator/licenses";
    private readonly NetifySettings _settings;
    private readonly HttpClient _http;
    private readonly ResiliencePipeline<ReadOnlyMemory<byte>> _questions;

    public NetifyClient(NetifySettings settings)
    {
        _settings = settings;
        _http = new(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false, // the key is for this host
                UseCookies = false,
                ConnectTimeout = settings.Try,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5), // follows a change of the address
            }
        )
        {
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestHeaders = { { "User-Agent", "Parceler" }, { "Accept", "application/json" } },
        };
        _questions = new ResiliencePipelineBuilder<ReadOnlyMemory<byte>>()
            .AddRetry(
                new RetryStrategyOptions<ReadOnlyMemory<byte>>
                {
                    ShouldHandle = new PredicateBuilder<ReadOnlyMemory<byte>>().Handle<NetifyException>(e => e.MayPass),
                    MaxRetryAttempts = 2,
                    Delay = TimeSpan.FromMilliseconds(200),
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                }
            )
            .Build();
    }

    /// <exception cref="NetifyException"/>
    public async Task<List<NetifyLicence>> ListAsync(CancellationToken cancellation) =>
        NetifyLicence.ParseList(await AskAsync($"{Licences}?format=netifyd", LargestLicences, cancellation));

    /// <exception cref="NetifyException"/>
    public async Task<NetifyLicence> CreateAsync(string label, CancellationToken cancellation)
    {
        var wanted = new NewLicence("object", label, LicenceRule.Days, $"License provided to {label} instances.", NetifyLicence.Entitlements);
        using var body = JsonContent.Create(wanted, NetifyJson.Default.NewLicence);
        return NetifyLicence.Parse(await DataAsync(HttpMethod.Post, Licences, body, LargestLicences, cancellation));
    }

    /// <exception cref="NetifyException"/>
    public async Task<NetifyLicence> RenewAsync(NetifyLicence licence, DateTimeOffset until, CancellationToken cancellation)
    {
        using var body = JsonContent.Create(new Renewal(until.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)), NetifyJson.Default.Renewal);
        return NetifyLicence.Parse(await DataAsync(HttpMethod.Post, $"{PathOf(licence)}/renew", body, LargestLicences, cancellation));
    }

    /// <summary>One that is gone already is as good as deleted.</summary>
    /// <exception cref="NetifyException"/>
    public async Task DeleteAsync(NetifyLicence licence, CancellationToken cancellation) => await SendAsync(HttpMethod.Delete, PathOf(licence), null, LargestLicences, allowsAbsent: true, cancellation);

    /// <param name="what">E.g. <c>applications/catalog</c>.</param>
    /// <exception cref="NetifyException"/>
    public Task<ReadOnlyMemory<byte>> CatalogueAsync(string what, CancellationToken cancellation) => AskAsync($"/api/v2/integrator/{what}?version=5.1", LargestCatalogue, cancellation);

    public void Dispose() => _http.Dispose();

    private static string PathOf(NetifyLicence licence) => $"{Licences}/{Uri.EscapeDataString(licence.Serial)}";

    private async Task<ReadOnlyMemory<byte>> AskAsync(string path, int most, CancellationToken cancellation) =>
        await _questions.ExecuteAsync(
            static async (ask, token) => await ask.Self.DataAsync(HttpMethod.Get, ask.Path, null, ask.Most, token),
            (Self: this, Path: path, Most: most),
            cancellation
        );

    private async Task<ReadOnlyMemory<byte>> DataAsync(HttpMethod method, string path, HttpContent? body, int most, CancellationToken cancellation) =>
        NetifyEnvelope.Open(await SendAsync(method, path, body, most, allowsAbsent: false, cancellation));

    private async Task<ReadOnlyMemory<byte>> SendAsync(HttpMethod method, string path, HttpContent? body, int most, bool allowsAbsent, CancellationToken cancellation)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(_settings.Try);
        try
        {
            using var request = new HttpRequestMessage(method, _settings.Endpoint.AbsoluteUri.TrimEnd('/') + path) { Content = body };
            request.Headers.Add("x-api-key", _settings.ApiKey);
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, late.Token);
            if (!answer.IsSuccessStatusCode && !(allowsAbsent && answer.StatusCode == HttpStatusCode.NotFound))
            {
                throw new NetifyException($"it answered {(int)answer.StatusCode}", mayPass: answer.StatusCode >= HttpStatusCode.InternalServerError);
            }

            await answer.Content.LoadIntoBufferAsync(most, late.Token);
            return await answer.Content.ReadAsByteArrayAsync(late.Token);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new NetifyException($"the answer is longer than {most} bytes");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new NetifyException("no answer in time", mayPass: true);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new NetifyException($"the request failed: {(e as HttpRequestException)?.HttpRequestError.ToString() ?? e.GetType().Name}", mayPass: true); // its message may tell what was sent
        }
    }

    internal sealed record NewLicence(string Format, string IssuedTo, int DurationDays, string Description, IReadOnlyList<string> Entitlements);

    internal sealed record Renewal(string ExpireAt);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(NetifyClient.NewLicence))]
[JsonSerializable(typeof(NetifyClient.Renewal))]
internal sealed partial class NetifyJson : JsonSerializerContext;
