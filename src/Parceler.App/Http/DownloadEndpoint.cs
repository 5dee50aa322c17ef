using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.Features;
using Parceler.Delivery;
using Parceler.Entitlements;

namespace Parceler.App.Http;

/// <summary>
/// Answers <c>/repository/{tier}/{repository}/{path}</c>. What a request gets is decided here, in the order of the
/// contract, and from memory; bodies of errors are empty, since some clients would take one for a file.
/// </summary>
internal sealed class DownloadEndpoint(EntitlementCheck entitlement, CurrentDeliveryMap map, Sessions sessions, MaintenanceMode maintenance, FileAnswer files, LongRequests requests, DeliveryOptions options, TimeProvider clock)
{
    private static readonly Verdict s_tooManyRequests = new Verdict.Busy("the machine has too many requests under way, or all together have");
    private readonly FrozenDictionary<string, Tier>.AlternateLookup<ReadOnlySpan<char>> _tiers = entitlement
        .Tiers.ToFrozenDictionary(tier => tier.Name.ToString(), StringComparer.Ordinal)
        .GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>False when the request is not one for a file of a repository.</summary>
    public ValueTask<bool> TryAnswerAsync(HttpContext http)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var path = RequestPath.Parse(target);
        if (path.Kind == TargetKind.Elsewhere)
        {
            return ValueTask.FromResult(false);
        }

        var request = http.Request;
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            return ValueTask.FromResult(RefuseMethod(http));
        }

        if (maintenance.Current is { } down && !Bypass.Holds(request, down))
        {
            return Answer(http, StatusCodes.Status503ServiceUnavailable, retryAfter: down.RetryAfterSeconds);
        }

        if (path.Kind == TargetKind.Malformed)
        {
            return Answer(http, StatusCodes.Status400BadRequest);
        }

        if (entitlement.Recognise(request.Headers.Authorization) is not { } credentials)
        {
            return AskForCredentials(http);
        }

        if (!_tiers.TryGetValue(path.Tier, out var tier) || !map.Map.TryFind(path.Repository, out var repository))
        {
            return Answer(http, StatusCodes.Status404NotFound);
        }

        return entitlement.TryDecide(tier, credentials, clock.GetUtcNow(), out var verdict)
            ? Deliver(http, verdict, new(tier, credentials), repository, path.Path)
            : DecideAsync(http, new(tier, credentials), target);
    }

    // A span can't wait: the target is taken apart again.
    private async ValueTask<bool> DecideAsync(HttpContext http, Client client, string target)
    {
        var verdict = await AskAsync(http, client);
        var path = RequestPath.Parse(target);
        var answered = map.Map.TryFind(path.Repository, out var repository) ? Deliver(http, verdict, client, repository, path.Path) : Answer(http, StatusCodes.Status404NotFound);
        return await answered;
    }

    private async ValueTask<Verdict> AskAsync(HttpContext http, Client client)
    {
        var machine = entitlement.KeyOf(client.Tier, client.Credentials);
        if (!requests.TryEnter(machine))
        {
            return s_tooManyRequests;
        }

        try
        {
            return await entitlement.DecideAsync(client.Tier, client.Credentials, AddressBlock.Of(http.Connection.RemoteIpAddress), http.RequestAborted);
        }
        finally
        {
            requests.Leave(machine);
        }
    }

    private ValueTask<bool> Deliver(HttpContext http, Verdict verdict, Client client, ServedRepository repository, ReadOnlySpan<char> path) =>
        verdict switch
        {
            Verdict.Denied when options.DeniedIs401 => AskForCredentials(http),
            Verdict.Denied => Answer(http, StatusCodes.Status403Forbidden),
            Verdict.Busy => Refuse(http),
            Verdict.Unknown => Answer(http, StatusCodes.Status503ServiceUnavailable, retryAfter: RandomNumberGenerator.GetInt32(300, 901)),
            _ => Send(http, entitlement.KeyOf(client.Tier, client.Credentials), repository, path),
        };

    private ValueTask<bool> Send(HttpContext http, MachineKey machine, ServedRepository repository, ReadOnlySpan<char> path) =>
        sessions.TryFind(repository, machine, path, clock.GetUtcNow(), out var file) ? SendAsync(http, machine, file) : FindAsync(http, machine, repository.Name, path.ToString());

    private async ValueTask<bool> FindAsync(HttpContext http, MachineKey machine, string repository, string path)
    {
        await ReceivingThread.Leave();
        return await SendAsync(http, machine, await sessions.FindAsync(repository, machine, path, http.RequestAborted));
    }

    private ValueTask<bool> SendAsync(HttpContext http, in MachineKey machine, DeliveredFile? file) =>
        file is not { } found ? Answer(http, StatusCodes.Status404NotFound)
        : found.File.Size <= OpenBlobs.SmallBlob || HttpMethods.IsHead(http.Request.Method) ? files.SendAsync(http, found)
        : SendLargeAsync(http, machine, found);

    private async ValueTask<bool> SendLargeAsync(HttpContext http, MachineKey machine, DeliveredFile file)
    {
        if (!requests.TryEnter(machine))
        {
            return await Refuse(http);
        }

        try
        {
            return await files.SendAsync(http, file);
        }
        finally
        {
            requests.Leave(machine);
        }
    }

    // Soon again: it is no verdict.
    private static ValueTask<bool> Refuse(HttpContext http) => Answer(http, StatusCodes.Status503ServiceUnavailable, retryAfter: RandomNumberGenerator.GetInt32(10, 61));

    private static ValueTask<bool> AskForCredentials(HttpContext http)
    {
        http.Response.Headers.WWWAuthenticate = "Basic realm=\"Parceler\"";
        return Answer(http, StatusCodes.Status401Unauthorized);
    }

    // A release is asked for by POST below the same prefix: that is another endpoint's.
    private static bool RefuseMethod(HttpContext http)
    {
        if (HttpMethods.IsPost(http.Request.Method))
        {
            return false;
        }

        http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        http.Response.Headers.Allow = "GET, HEAD";
        http.Response.ContentLength = 0;
        return true;
    }

    private static ValueTask<bool> Answer(HttpContext http, int status, int? retryAfter = null)
    {
        http.Response.StatusCode = status;
        http.Response.ContentLength = 0;
        if (retryAfter is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        return ValueTask.FromResult(true);
    }

    private readonly record struct Client(Tier Tier, Credentials Credentials);
}
