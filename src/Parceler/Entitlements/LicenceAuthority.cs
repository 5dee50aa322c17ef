using System.Net;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Parceler.Entitlements;

/// <summary>
/// Asks the licence authorities. Every failure to answer is <see cref="AuthorityAnswer.None"/>, never an exception; a
/// redirect is one of them, since a login page is no allowance.
/// </summary>
internal sealed class LicenceAuthority : IDisposable
{
    private const int LargestBody = 64 * 1024;
    private readonly HttpClient _http;
    private readonly Dictionary<TierName, (ResiliencePipeline<AuthorityAnswer> Patience, AuthorityHealth Health, CircuitBreakerStateProvider Breaker)> _tiers;
    private readonly TimeProvider _clock;

    public LicenceAuthority(EntitlementOptions options, TimeProvider clock, ILogger<LicenceAuthority> log)
    {
        _clock = clock;
        _http = Client(options);
        _tiers = options
            .Tiers.Where(tier => tier.Kind is not TierKind.Local)
            .ToDictionary(
                tier => tier.Name,
                tier =>
                {
                    var breaker = new CircuitBreakerStateProvider();
                    return (AuthorityPatience.Of(options.Limits, breaker, clock), new AuthorityHealth(tier.Name, log), breaker);
                }
            );
    }

    public IEnumerable<AuthorityState> States => _tiers.Select(tier => new AuthorityState(tier.Key, tier.Value.Health.IsUp, tier.Value.Breaker.CircuitState is not CircuitState.Closed));

    public async Task<AuthorityAnswer> AskAsync(Tier tier, Credentials credentials, CancellationToken cancellation)
    {
        var (patience, health, _) = _tiers[tier.Name];
        var since = TimeProvider.System.GetTimestamp();
        try
        {
            var answer = await patience.ExecuteAsync(
                static async (ask, token) => await ask.Self.TryAsync(ask.Tier, ask.Credentials, token),
                (Self: this, Tier: tier, Credentials: credentials),
                cancellation
            );
            health.Saw(answer);
            AuthorityInstruments.Answered(tier.Name, answer, since);
            return answer;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            var none = new AuthorityAnswer.None(ReasonOf(e), IsOutage: true, MayPass: true);
            health.Saw(none);
            AuthorityInstruments.Failed(tier.Name, e, since);
            return none;
        }
    }

    public void Dispose() => _http.Dispose();

    private static HttpClient Client(EntitlementOptions options) =>
        new(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                ConnectTimeout = options.Limits.Whole, // ends attempts that nobody waits for any more
                MaxConnectionsPerServer = options.AuthorityConcurrency,
                MaxResponseDrainSize = LargestBody,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5), // follows a change of the authority's address
            }
        )
        {
            Timeout = Timeout.InfiniteTimeSpan, // the limits are those of the patience
            DefaultRequestHeaders = { { "User-Agent", "Parceler" } },
        };

    private static string ReasonOf(Exception e) =>
        e switch
        {
            TimeoutRejectedException or OperationCanceledException => "no answer in time",
            BrokenCircuitException => "it gave no answer lately",
            HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } failure => $"the request failed: {failure.HttpRequestError}",
            _ => $"the request failed: {e.GetType().Name}", // its message may tell what was sent
        };

    private async Task<AuthorityAnswer> TryAsync(Tier tier, Credentials credentials, CancellationToken cancellation)
    {
        using var request = AuthorityRequest.Of(tier, credentials);
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => Denied(response),
            HttpStatusCode.NotFound when tier.Kind is TierKind.Token => Denied(response),
            HttpStatusCode.OK when tier.Kind is TierKind.Token => await SubscriptionOfAsync(response, cancellation),
            _ when response.IsSuccessStatusCode && tier.Kind is TierKind.Basic => new AuthorityAnswer.Allowed(null),
            >= HttpStatusCode.InternalServerError => new AuthorityAnswer.None(StatusOf(response), IsOutage: true, MayPass: true),
            HttpStatusCode.TooManyRequests or < HttpStatusCode.BadRequest => new AuthorityAnswer.None(StatusOf(response), IsOutage: true, MayPass: false),
            _ => new AuthorityAnswer.None(StatusOf(response), IsOutage: false, MayPass: false),
        };
    }

    private async Task<AuthorityAnswer> SubscriptionOfAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await response.Content.LoadIntoBufferAsync(LargestBody, cancellation);
        return SubscriptionEnd.Read(await response.Content.ReadAsByteArrayAsync(cancellation)) switch
        {
            null => new AuthorityAnswer.None("it told no end of the subscription", IsOutage: true, MayPass: false),
            { } end when end > _clock.GetUtcNow() => new AuthorityAnswer.Allowed(end),
            _ => new AuthorityAnswer.Denied("the subscription has expired"),
        };
    }

    private static AuthorityAnswer.Denied Denied(HttpResponseMessage response) => new(StatusOf(response));

    private static string StatusOf(HttpResponseMessage response) => $"the authority answered {(int)response.StatusCode}";
}
