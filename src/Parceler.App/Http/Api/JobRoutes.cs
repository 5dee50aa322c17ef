using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Parceler.App.Answers;
using Parceler.Jobs;
using Parceler.Operators;
using Parceler.Releases;
using Parceler.Repositories;

namespace Parceler.App.Http.Api;

/// <param name="AcceptRollback">Upstream went back to an older state on purpose.</param>
internal sealed record SyncBody(bool AcceptRollback = false);

/// <param name="Now">For machines in the middle of an update, too.</param>
internal sealed record ReleaseBody(bool Now = false);

/// <summary>Lines of a job's log.</summary>
/// <param name="Next">What to give as after for the lines that follow.</param>
internal sealed record JobLogPart(IReadOnlyList<JobLine> Lines, long Next);

/// <summary>Jobs: asked for, looked at, ended. An <c>Idempotency-Key</c> makes the same request the same job for a day.</summary>
internal static class JobRoutes
{
    private const string Tag = "Jobs";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/repositories/{name}/syncs", SyncAsync).Changes("repository.sync").WithName("syncRepository").WithTags(Tag).WithSummary("Asks for a sync; one that waits already is the same").ProducesProblem(404).ProducesProblem(422);
        api.MapPost("/repositories/{name}/releases", ReleaseAsync).With(new(Scopes.Release, "repository.release")).WithName("releaseRepository").WithTags(Tag).WithSummary("Asks for a release: sync now, serve the result at once, lift a freeze").ProducesProblem(404).ProducesProblem(422);
        api.MapPost("/collections", CollectAsync).Changes("gc").WithName("collectGarbage").WithTags(Tag).WithSummary("Asks for a collection: drops what nobody needs").ProducesProblem(422);
        api.MapGet("/jobs", ListAsync).Reads().WithName("listJobs").WithTags(Tag).WithSummary("Jobs, newest first");
        api.MapGet("/jobs/{id}", ShowAsync).With(new(Scopes.Read | Scopes.Release)).WithName("showJob").WithTags(Tag).WithSummary("A job, without its log").ProducesProblem(404);
        api.MapGet("/jobs/{id}/log", LogAsync).Reads().WithName("showLog").WithTags(Tag).WithSummary("The log of all tries of a job, from the line after one on").ProducesProblem(404);
        api.MapPost("/jobs/{id}/cancel", CancelAsync).Changes("job.cancel").WithName("cancelJob").WithTags(Tag).WithSummary("Takes a waiting job out of the queue, or asks a running one to end").ProducesProblem(404);
        api.MapPost("/jobs/{id}/retry", RetryAsync).Changes("job.retry").WithName("retryJob").WithTags(Tag).WithSummary("Queues a job again that has failed or was cancelled").ProducesProblem(404);
    }

    internal static async Task<Accepted<JobEntry>> SyncAsync(
        string name, SyncBody? body, [FromHeader(Name = "Idempotency-Key")] string? key, HttpContext http, RepositoryCatalog catalog, AcceptRollback rollback, AskedJobs asked, JobQueue queue, CancellationToken cancellation)
    {
        var repository = await catalog.GetAsync(RepositoryName.Parse(name), cancellation);
        if (body?.AcceptRollback == true)
        {
            await rollback.RunAsync(repository.Name, cancellation);
        }

        return await AskAsync(JobKinds.SyncOf(repository.Name), key, http, asked, queue, cancellation);
    }

    internal static async Task<Accepted<JobEntry>> ReleaseAsync(
        string name, ReleaseBody? body, [FromHeader(Name = "Idempotency-Key")] string? key, HttpContext http, RepositoryCatalog catalog, AskedJobs asked, JobQueue queue, CancellationToken cancellation)
    {
        var repository = await catalog.GetAsync(RepositoryName.Parse(name), cancellation);
        return await AskAsync(JobKinds.ReleaseOf(repository.Name, body?.Now ?? false), key, http, asked, queue, cancellation);
    }

    internal static Task<Accepted<JobEntry>> CollectAsync([FromHeader(Name = "Idempotency-Key")] string? key, HttpContext http, AskedJobs asked, JobQueue queue, CancellationToken cancellation) =>
        AskAsync(JobKinds.CollectGarbage(), key, http, asked, queue, cancellation);

    internal static async Task<Ok<ApiPage<JobEntry>>> ListAsync(string? repository, string? cursor, int? limit, JobQueue queue, CancellationToken cancellation)
    {
        var most = Paging.Limit(limit);
        var name = repository is null ? null : RepositoryName.Parse(repository).ToString();
        var jobs = await queue.ListAsync(name, Paging.Number(cursor), most + 1, cancellation);
        return TypedResults.Ok(Paging.Of(jobs.ConvertAll(job => JobEntry.Of(job, log: null)), most, job => job.Id.ToString(CultureInfo.InvariantCulture)));
    }

    internal static async Task<Ok<JobEntry>> ShowAsync(long id, ChangeJob jobs, CancellationToken cancellation) =>
        TypedResults.Ok(JobEntry.Of(await jobs.GetAsync(id, cancellation), log: null));

    internal static async Task<Ok<JobLogPart>> LogAsync(long id, long? after, ChangeJob jobs, JobQueue queue, CancellationToken cancellation)
    {
        await jobs.GetAsync(id, cancellation);
        var lines = await queue.LogAsync(id, after ?? 0, cancellation);
        return TypedResults.Ok(new JobLogPart(lines, lines.Count > 0 ? lines[^1].Number : after ?? 0));
    }

    internal static async Task<Ok<JobEntry>> CancelAsync(long id, ChangeJob jobs, CancellationToken cancellation)
    {
        if ((await jobs.GetAsync(id, cancellation)).State != JobState.Cancelled)
        {
            await jobs.CancelAsync(id, cancellation);
        }

        return await ShowAsync(id, jobs, cancellation);
    }

    internal static async Task<Ok<JobEntry>> RetryAsync(long id, ChangeJob jobs, CancellationToken cancellation)
    {
        await jobs.RetryAsync(id, cancellation);
        return await ShowAsync(id, jobs, cancellation);
    }

    private static async Task<Accepted<JobEntry>> AskAsync(JobRequest request, string? key, HttpContext http, AskedJobs asked, JobQueue queue, CancellationToken cancellation)
    {
        if (key is { Length: 0 or > 255 })
        {
            throw new ApiException(StatusCodes.Status400BadRequest, "Idempotency-Key: 1 to 255 characters");
        }

        var id = await asked.EnqueueAsync(Caller.Get(http).Name, key, request, cancellation)
            ?? throw new ApiException(StatusCodes.Status422UnprocessableEntity, $"Idempotency-Key '{key}' stands for another request. Use a new one for each");
        var job = await queue.FindAsync(id, cancellation) ?? throw new AbsentException($"Job {id} is gone from the queue");
        return TypedResults.Accepted($"{Api.Root}/jobs/{id}", JobEntry.Of(job, log: null));
    }
}
