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
internal sealed class DownloadEndpoint(EntitlementCheck entitlement, CurrentDeliveryMap map, Sessions sessions, MaintenanceMode maintenance, FileAnswer files, LongRequests requests, AskVerdict ask, DownloadCounts counts, DeliveryOptions options, TimeProvider clock)
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

        var recognised = entitlement.Recognise(request.Headers.Authorization);
        if (path.Kind == TargetKind.Malformed || (path.Kind == TargetKind.DottedFile && (recognised is null || !HasFlatSuite(path.Repository))))
        {
            return Answer(http, StatusCodes.Status400BadRequest, counts.Others, Decision.Malformed);
        }

        if (recognised is not { } credentials)
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

    // Only apt writes '.' segments, only into the paths of these, and with credentials from the first request on.
    private bool HasFlatSuite(ReadOnlySpan<char> name) => map.Map.TryFind(name, out var repository) && repository.Servings.Any(serving => serving.Tree.HasFlatSuite);

    // A span can't wait: the target is taken apart again.
    private async ValueTask<bool> DecideAsync(HttpContext http, Client client, string target)
    {
        var since = TimeProvider.System.GetTimestamp();
        var verdict = await ask.RunAsync(http, client.Tier, client.Credentials);
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
            Verdict.Busy => Refuse(http, client),
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

    private async ValueTask<bool> SendLargeAsync(HttpContext http, Client client, ServedRepository repository, DeliveredFile file)
    {
        var machine = entitlement.KeyOf(client.Tier, client.Credentials);
        if (!requests.TryEnter(machine))
        {
            return await Refuse(http, client);
        }

        try
        {
            return await SendingAsync(http, client, repository, files.SendAsync(http, file));
        }
        finally
        {
            requests.Leave(machine);
        }
    }

    // Soon again: it is no verdict.
    private static ValueTask<bool> Refuse(HttpContext http, Client client) =>
        Answer(http, StatusCodes.Status503ServiceUnavailable, client.Decisions, Decision.Busy, RandomNumberGenerator.GetInt32(10, 61));

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

        if (found.File.Size > OpenBlobs.SmallBlob && !HttpMethods.IsHead(http.Request.Method))
        {
            return SendLargeAsync(http, client, repository, found);
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
