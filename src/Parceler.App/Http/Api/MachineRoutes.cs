using Microsoft.AspNetCore.Http.HttpResults;
using Parceler.App.Answers;
using Parceler.Entitlements;
using Parceler.Repositories;

namespace Parceler.App.Http.Api;

/// <param name="Secret">If it is absent, one is made and answered this once.</param>
internal sealed record MachineBody(string? Secret = null, DateTimeOffset? ExpiresAt = null);

/// <summary>The machines that Parceler itself keeps a list of.</summary>
internal static class MachineRoutes
{
    private const string Tag = "Machines";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/machines", ListAsync).Reads().WithName("listMachines").WithTags(Tag).WithSummary("Machines by tier and id");
        api.MapPut("/machines/{tier}/{**id}", PutAsync).Changes("machine.add").WithName("putMachine").WithTags(Tag).WithSummary("Puts a machine on the list of a tier, or changes its secret and its expiry there").ProducesProblem(404).ProducesProblem(422);
        api.MapDelete("/machines/{tier}/{**id}", DeleteAsync).Changes("machine.remove").WithName("removeMachine").WithTags(Tag).WithSummary("Takes a machine off the list; it acts within a second").ProducesProblem(404);
    }

    internal static async Task<Ok<ApiPage<MachineEntry>>> ListAsync(string? tier, string? cursor, int? limit, LocalMachines machines, CancellationToken cancellation)
    {
        var only = tier is null ? (TierName?)null : TierName.Parse(tier);
        var entries = (await machines.ListAsync(cancellation)).FindAll(machine => only is null || machine.Tier == only)
            .ConvertAll(m => new MachineEntry(m.Tier.ToString(), m.Id.ToString(), m.ExpiresAt, m.CreatedAt, Secret: null));
        entries.Sort((a, b) => string.CompareOrdinal(KeyOf(a), KeyOf(b)));
        return TypedResults.Ok(Paging.After(entries, KeyOf, cursor, limit));
    }

    internal static async Task<Ok<MachineEntry>> PutAsync(string tier, string id, MachineBody body, AddMachine add, CancellationToken cancellation) =>
        TypedResults.Ok(await add.RunAsync(TierName.Parse(tier), SystemId.Parse(id), body.Secret, body.ExpiresAt, cancellation));

    internal static async Task<NoContent> DeleteAsync(string tier, string id, LocalMachines machines, CancellationToken cancellation) =>
        await machines.RemoveAsync(TierName.Parse(tier), SystemId.Parse(id), cancellation)
            ? TypedResults.NoContent()
            : throw new AbsentException($"{id} is not on the list of {tier}. GET /api/v1/machines tells who is");

    private static string KeyOf(MachineEntry machine) => $"{machine.Tier}/{machine.SystemId}";
}
