using System.Globalization;
using System.Security.Cryptography;
using Parceler.Delivery;
using Parceler.Entitlements;
using Parceler.Netify;

namespace Parceler.App.Http;

/// <summary>
/// <c>GET /api/netifyd/...</c>: licences and catalogues for NetifyD on machines. The licence of a tier is given to who is entitled to that
/// tier, by the same check and with the same statuses as a file of a repository.
/// </summary>
internal sealed class NetifyEndpoints(NetifyProxy netify, EntitlementCheck entitlement, AskVerdict ask, DeliveryOptions options, TimeProvider clock)
{
    public const string Root = "/api/netifyd";
    private static readonly string[] s_reading = [HttpMethods.Get, HttpMethods.Head];

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapMethods($"{Root}/license", s_reading, AnyLicenceAsync);
        foreach (var name in new[] { "community", "enterprise" })
        {
            var tier = entitlement.FindTier(TierName.Parse(name))!;
            app.MapMethods($"{Root}/{name}/license", s_reading, http => TierLicenceAsync(http, tier));
        }

        foreach (var what in NetifyProxy.Catalogues)
        {
            app.MapMethods($"{Root}/{what}", s_reading, http => CatalogueAsync(http, what));
        }
    }

    private async Task AnyLicenceAsync(HttpContext http) => await SendAsync(http, await netify.OpenLicenceAsync(http.RequestAborted));

    private async Task CatalogueAsync(HttpContext http, string what) => await SendAsync(http, await netify.CatalogueAsync(what, http.RequestAborted));

    // The replaced program gives subscribers of both tiers the same licence: that of the Enterprise Edition.
    private async Task TierLicenceAsync(HttpContext http, Tier tier)
    {
        if (entitlement.Recognise(http.Request.Headers.Authorization) is not { } credentials)
        {
            AskForCredentials(http);
            return;
        }

        var verdict = entitlement.TryDecide(tier, credentials, clock.GetUtcNow(), out var known) ? known : await ask.RunAsync(http, tier, credentials);
        switch (verdict)
        {
            case Verdict.Allowed:
                await SendAsync(http, await netify.SubscribersLicenceAsync(http.RequestAborted));
                break;
            case Verdict.Denied when options.DeniedIs401:
                AskForCredentials(http);
                break;
            case Verdict.Denied:
                Refuse(http, StatusCodes.Status403Forbidden);
                break;
            case Verdict.Busy:
                RefuseFor(http, RandomNumberGenerator.GetInt32(10, 61));
                break;
            default:
                RefuseFor(http, RandomNumberGenerator.GetInt32(300, 901));
                break;
        }
    }

    private static async Task SendAsync(HttpContext http, NetifyAnswer? answer)
    {
        if (answer is null)
        {
            RefuseFor(http, RandomNumberGenerator.GetInt32(60, 301));
            return;
        }

        var headers = http.Response.Headers;
        headers.ETag = answer.EntityTag;
        headers.CacheControl = "no-cache, private";
        headers.XContentTypeOptions = "nosniff";
        if (Conditions.HasTag(http.Request.Headers.IfNoneMatch, answer.EntityTag))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        http.Response.ContentType = "application/json";
        http.Response.ContentLength = answer.Content.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await http.Response.Body.WriteAsync(answer.Content, http.RequestAborted);
        }
    }

    private static void AskForCredentials(HttpContext http)
    {
        http.Response.Headers.WWWAuthenticate = "Basic realm=\"Parceler\"";
        Refuse(http, StatusCodes.Status401Unauthorized);
    }

    private static void RefuseFor(HttpContext http, int seconds)
    {
        http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        Refuse(http, StatusCodes.Status503ServiceUnavailable);
    }

    private static void Refuse(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        http.Response.ContentLength = 0;
    }
}
