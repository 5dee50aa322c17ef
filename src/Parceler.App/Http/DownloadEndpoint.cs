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
internal sealed class DownloadEndpoint(EntitlementCheck entitlement, CurrentDeliveryMap map, Sessions sessions, MaintenanceMode maintenance, FileAnswer files, DownloadCounts counts, DeliveryOptions options, TimeProvider clock)
{
    private readonly FrozenDictionary<string, CountedTier>.AlternateLookup<ReadOnlySpan<char>> _tiers = counts
        .Tiers.ToFrozenDictionary(counted => counted.Tier.Name.ToString(), StringComparer.Ordinal)
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
            return ValueTask.FromResult(RefuseMethod(http, counts.Others));
        }

        if (maintenance.Current is { } down && !Bypass.Holds(request, down))
        {
            return Answer(http, StatusCodes.Status503ServiceUnavailable, counts.Others, Decision.Maintenance, down.RetryAfterSeconds);
        }

        if (path.Kind == TargetKind.Malformed)
        {
            return Answer(http, StatusCodes.Status400BadRequest, counts.Others, Decision.Malformed);
        }

        if (entitlement.Recognise(request.Headers.Authorization) is not { } credentials)
        {
            return AskForCredentials(http, counts.Others, Decision.Anonymous);
        }

        if (!_tiers.TryGetValue(path.Tier, out var tier) || !map.Map.TryFind(path.Repository, out var repository))
        {
            return Answer(http, StatusCodes.Status404NotFound, tier?.Decisions ?? counts.Others, Decision.NoRepository);
        }

        return entitlement.TryDecide(tier.Tier, credentials, clock.GetUtcNow(), out var verdict)
            ? Deliver(http, verdict, new(tier, credentials), repository, path.Path)
            : DecideAsync(http, new(tier, credentials), target);
    }

    // A span can't wait: the target is taken apart again.
    private async ValueTask<bool> DecideAsync(HttpContext http, Client client, string target)
    {
        var since = TimeProvider.System.GetTimestamp();
        var verdict = await entitlement.DecideAsync(client.Tier, client.Credentials, http.RequestAborted);
        DownloadCounts.Waited("verdict", since);
        var path = RequestPath.Parse(target);
        var answered = map.Map.TryFind(path.Repository, out var repository)
            ? Deliver(http, verdict, client, repository, path.Path)
            : Answer(http, StatusCodes.Status404NotFound, client.Decisions, Decision.NoRepository);
        return await answered;
    }

    private ValueTask<bool> Deliver(HttpContext http, Verdict verdict, Client client, ServedRepository repository, ReadOnlySpan<char> path) =>
        verdict switch
        {
            Verdict.Denied when options.DeniedIs401 => AskForCredentials(http, client.Decisions, Decision.Denied),
            Verdict.Denied => Answer(http, StatusCodes.Status403Forbidden, client.Decisions, Decision.Denied),
            Verdict.Unknown => Answer(http, StatusCodes.Status503ServiceUnavailable, client.Decisions, Decision.Unknown, RandomNumberGenerator.GetInt32(300, 901)),
            _ => Send(http, client, repository, path),
        };

    private ValueTask<bool> Send(HttpContext http, Client client, ServedRepository repository, ReadOnlySpan<char> path)
    {
        var machine = entitlement.KeyOf(client.Tier, client.Credentials);
        return sessions.TryFind(repository, machine, path, clock.GetUtcNow(), out var file)
            ? Send(http, client, repository, file)
            : FindAsync(http, client, machine, repository, path.ToString());
    }

    private async ValueTask<bool> FindAsync(HttpContext http, Client client, MachineKey machine, ServedRepository repository, string path)
    {
        await ReceivingThread.Leave();
        var since = TimeProvider.System.GetTimestamp();
        var file = await sessions.FindAsync(repository.Name, machine, path, http.RequestAborted);
        DownloadCounts.Waited("session", since);
        return await Send(http, client, repository, file);
    }

    private ValueTask<bool> Send(HttpContext http, Client client, ServedRepository repository, DeliveredFile? file)
    {
        if (file is not { } found)
        {
            return Answer(http, StatusCodes.Status404NotFound, client.Decisions, Decision.NoFile);
        }

        if (options.Log)
        {
            http.Features.Set(new DeliveredFrom(found.Snapshot));
        }

        var sending = files.SendAsync(http, found);
        if (!sending.IsCompletedSuccessfully)
        {
            return SendingAsync(http, client, repository, sending);
        }

        DownloadCounts.Count(http, client.Decisions, repository.Traffic);
        return sending;
    }

    private static async ValueTask<bool> SendingAsync(HttpContext http, Client client, ServedRepository repository, ValueTask<bool> sending)
    {
        var isAborted = true;
        try
        {
            var answered = await sending;
            isAborted = http.RequestAborted.IsCancellationRequested;
            return answered;
        }
        finally
        {
            if (isAborted)
            {
                client.Decisions.Add((int)Decision.Aborted);
            }
            else
            {
                DownloadCounts.Count(http, client.Decisions, repository.Traffic);
            }
        }
    }

    private static ValueTask<bool> AskForCredentials(HttpContext http, Tally decisions, Decision decision)
    {
        http.Response.Headers.WWWAuthenticate = "Basic realm=\"Parceler\"";
        return Answer(http, StatusCodes.Status401Unauthorized, decisions, decision);
    }

    // A release is asked for by POST below the same prefix: that is another endpoint's.
    private static bool RefuseMethod(HttpContext http, Tally decisions)
    {
        if (HttpMethods.IsPost(http.Request.Method))
        {
            return false;
        }

        decisions.Add((int)Decision.Method);
        http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        http.Response.Headers.Allow = "GET, HEAD";
        http.Response.ContentLength = 0;
        return true;
    }

    private static ValueTask<bool> Answer(HttpContext http, int status, Tally decisions, Decision decision, int? retryAfter = null)
    {
        decisions.Add((int)decision);
        http.Response.StatusCode = status;
        http.Response.ContentLength = 0;
        if (retryAfter is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        return ValueTask.FromResult(true);
    }

    private readonly record struct Client(CountedTier Counted, Credentials Credentials)
    {
        public Tier Tier => Counted.Tier;
        public Tally Decisions => Counted.Decisions;
    }
}
