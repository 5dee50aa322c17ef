using Microsoft.AspNetCore.Http.HttpResults;
using Parceler.App.Answers;
using Parceler.App.Cli;
using Parceler.Jobs;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.App.Http.Api;

/// <param name="Snapshot">An instant or the beginning of it, or a folder on the storage disk; the served one if absent.</param>
/// <param name="Now">For machines in the middle of an update, too.</param>
internal sealed record FreezeBody(string? Snapshot = null, bool Now = false);

/// <summary>What machines get, and why.</summary>
internal sealed record Served(string? Snapshot, string Reason, string? Warning, DateTimeOffset? Until)
{
    public static Served Of(ServedChoice choice) => new(choice.Snapshot?.ToString(), choice.Text, choice.Warning, choice.Until);
}

/// <summary>Repositories, changed.</summary>
internal static class RepositoryChanges
{
    private const string Tag = "Repositories";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPut("/repositories/{name}", PutAsync).Changes("repository.put").WithName("putRepository").WithTags(Tag).WithSummary("Creates a repository, or gives one exactly these settings").ProducesProblem(422);
        api.MapPatch("/repositories/{name}", PatchAsync).Changes("repository.edit").WithName("editRepository").WithTags(Tag).WithSummary("Changes the settings that are given: a delay at once, a command at the next sync").ProducesProblem(404).ProducesProblem(422);
        api.MapDelete("/repositories/{name}", DeleteAsync).Changes("repository.delete").WithName("deleteRepository").WithTags(Tag).WithSummary("Deletes a repository with its source and its snapshots; machines get 404 at once").ProducesProblem(404);
        api.MapPut("/repositories/{name}/freeze", FreezeAsync).Changes("repository.freeze").WithName("freezeRepository").WithTags(Tag).WithSummary("Serves one snapshot until unfrozen").ProducesProblem(404);
        api.MapDelete("/repositories/{name}/freeze", UnfreezeAsync).Changes("repository.unfreeze").WithName("unfreezeRepository").WithTags(Tag).WithSummary("Lets the delay decide again").ProducesProblem(404);
    }

    internal static async Task<Results<Ok<RepositoryDetails>, Created<RepositoryDetails>>> PutAsync(
        string name, RepositoryBody body, RepositoryCatalog catalog, CreateRepository create, EditRepository edit, JobQueue queue, StorageDisk disk, ReadRepositories reading, CancellationToken cancellation)
    {
        body.RefuseWithout(disk);
        var repository = RepositoryName.Parse(name);
        var wanted = body.Apply(NewRepository.Defaults(""));
        if (await catalog.FindAsync(repository, cancellation) is not null)
        {
            await edit.RunAsync(repository, _ => wanted, cancellation);
            await SyncAsync(body, repository, queue, cancellation);
            return TypedResults.Ok(await reading.ShowAsync(repository, _ => { }, cancellation));
        }

        await create.RunAsync(repository, wanted, trust: [], async (session, made) => await (body.Sync ?? true ? queue.EnqueueAsync(session, JobKinds.SyncOf(made.Name)) : Task.FromResult(0L)), cancellation);
        return TypedResults.Created($"{Api.Root}/repositories/{repository}", await reading.ShowAsync(repository, _ => { }, cancellation));
    }

    internal static async Task<Ok<RepositoryDetails>> PatchAsync(string name, RepositoryBody body, EditRepository edit, JobQueue queue, StorageDisk disk, ReadRepositories reading, CancellationToken cancellation)
    {
        body.RefuseWithout(disk);
        var repository = RepositoryName.Parse(name);
        await edit.RunAsync(repository, body.Apply, cancellation);
        await SyncAsync(body, repository, queue, cancellation);
        return TypedResults.Ok(await reading.ShowAsync(repository, _ => { }, cancellation));
    }

    internal static async Task<NoContent> DeleteAsync(string name, DeleteRepository delete, CancellationToken cancellation)
    {
        await delete.RunAsync(RepositoryName.Parse(name), cancellation);
        return TypedResults.NoContent();
    }

    // Asked for again, it is as it should be: only another snapshot is refused.
    internal static async Task<Ok<Served>> FreezeAsync(string name, FreezeBody body, FreezeRepository freeze, ReadSnapshots reading, CancellationToken cancellation)
    {
        var repository = RepositoryName.Parse(name);
        if (!IsFrozenAt(await reading.ListAsync(repository, cancellation), body.Snapshot))
        {
            await freeze.RunAsync(repository, body.Snapshot, body.Now, (_, _, _) => { }, cancellation);
        }

        return TypedResults.Ok(Served.Of((await reading.ListAsync(repository, cancellation)).Choice));
    }

    internal static async Task<Ok<Served>> UnfreezeAsync(string name, UnfreezeRepository unfreeze, ReadSnapshots reading, CancellationToken cancellation)
    {
        var repository = RepositoryName.Parse(name);
        var listed = await reading.ListAsync(repository, cancellation);
        return TypedResults.Ok(Served.Of(listed.Repository.Freeze is null ? listed.Choice : await unfreeze.RunAsync(repository, cancellation)));
    }

    private static bool IsFrozenAt(ListedSnapshots listed, string? wanted) =>
        listed.Repository.Freeze is { } frozen
        && wanted is not null
        && SnapshotName.Looks(listed.Repository.Name, wanted)
        && listed.Find(wanted).UnixSeconds == frozen;

    private static Task<long> SyncAsync(RepositoryBody body, RepositoryName name, JobQueue queue, CancellationToken cancellation) =>
        body.Sync == true ? queue.EnqueueAsync(JobKinds.SyncOf(name), cancellation) : Task.FromResult(0L);
}
