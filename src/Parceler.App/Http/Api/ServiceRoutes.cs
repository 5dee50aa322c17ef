using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Parceler.App.Answers;
using Parceler.Audit;
using Parceler.Delivery;
using Parceler.Jobs;
using Parceler.Repositories;

namespace Parceler.App.Http.Api;

/// <summary>The processes of the service that are alive.</summary>
/// <param name="Problem">Why the web server that answers is not up to date; null when it is.</param>
internal sealed record NodeList(IReadOnlyList<string> Web, IReadOnlyList<string> Workers, bool Ready, string? Problem);

/// <summary>Whether the service is down for maintenance.</summary>
internal sealed record MaintenanceState(bool Down, int? RetryAfterSeconds, string? Redirect, string? Message, DateTimeOffset? Since);

/// <param name="RetryAfterSeconds">What clients are told to wait; 60 if absent.</param>
/// <param name="Secret">Whoever opens /SECRET passes.</param>
internal sealed record MaintenanceBody(int? RetryAfterSeconds = null, string? Secret = null, string? Redirect = null, string? Message = null);

/// <summary>The service as a whole: who runs, maintenance, and who changed what.</summary>
internal static class ServiceRoutes
{
    private const string Tag = "Service";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/nodes", NodesAsync).Reads().WithName("listNodes").WithTags(Tag).WithSummary("Web servers and workers that are alive, and whether this one is up to date");
        api.MapGet("/maintenance", Maintenance).Reads().WithName("showMaintenance").WithTags(Tag).WithSummary("Whether the service is down for maintenance");
        api.MapPut("/maintenance", DownAsync).Changes("down").WithName("beginMaintenance").WithTags(Tag).WithSummary("Begins maintenance: machines get 503, and jobs wait; the API goes on").ProducesProblem(422);
        api.MapDelete("/maintenance", UpAsync).Changes("up").WithName("endMaintenance").WithTags(Tag).WithSummary("Ends maintenance");
        api.MapGet("/audit", AuditAsync).Reads().WithName("listAudit").WithTags(Tag).WithSummary("Who changed what, newest first");
    }

    internal static async Task<Ok<NodeList>> NodesAsync(WorkerRegister register, ReadyAnswer ready, CancellationToken cancellation)
    {
        var problem = ready.Problem();
        return TypedResults.Ok(new NodeList(await register.AliveAsync(ProcessRoles.Web, cancellation), await register.AliveAsync(ProcessRoles.Worker, cancellation), problem is null, problem));
    }

    internal static Ok<MaintenanceState> Maintenance(MaintenanceMode maintenance) =>
        TypedResults.Ok(maintenance.Current is { } down ? new MaintenanceState(true, down.RetryAfterSeconds, down.Redirect, down.Message, down.Since) : new(false, null, null, null, null));

    internal static async Task<Ok<MaintenanceState>> DownAsync(MaintenanceBody body, MaintenanceMode maintenance, TimeProvider clock, CancellationToken cancellation)
    {
        if (body is { RetryAfterSeconds: < 0 })
        {
            throw new InvalidSettingException("retryAfterSeconds: a whole number from 0 on");
        }

        if (body.Secret is { } secret && !MaintenanceRules.IsSegment(secret))
        {
            throw new InvalidSettingException($"secret: {MaintenanceRules.Secret}");
        }

        if (body.Redirect is { } url && !MaintenanceRules.IsAddress(url))
        {
            throw new InvalidSettingException($"redirect: {MaintenanceRules.Redirect}");
        }

        var since = maintenance.Current?.Since ?? clock.GetUtcNow();
        await maintenance.BeginAsync(new(body.RetryAfterSeconds ?? MaintenanceRules.UsualRetry, body.Secret, body.Redirect, body.Message, since), cancellation);
        return Maintenance(maintenance);
    }

    internal static async Task<NoContent> UpAsync(MaintenanceMode maintenance, CancellationToken cancellation)
    {
        await maintenance.EndAsync(cancellation);
        return TypedResults.NoContent();
    }

    internal static async Task<Ok<ApiPage<AuditLine>>> AuditAsync(string? repository, DateTimeOffset? since, string? cursor, int? limit, AuditLog audit, CancellationToken cancellation)
    {
        var most = Paging.Limit(limit);
        var entries = await audit.ListAsync(repository, since, Paging.Number(cursor), most + 1, cancellation);
        return TypedResults.Ok(Paging.Of(entries.ConvertAll(AuditLine.Of), most, entry => entry.Id.ToString(CultureInfo.InvariantCulture)));
    }
}
