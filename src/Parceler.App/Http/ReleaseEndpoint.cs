using System.Text.Json.Serialization;
using Parceler.App.Configuration;
using Parceler.Audit;
using Parceler.Jobs;
using Parceler.Releases;
using Parceler.Repositories;

namespace Parceler.App.Http;

/// <summary>The number of the job that was queued.</summary>
internal sealed record QueuedJob(long Job);

/// <summary>Why a request was refused.</summary>
internal sealed record Problem(string Error);

/// <summary><c>POST /repository/{name}/release</c> with the release token: how an upstream's pipeline pushes a release through.</summary>
internal sealed class ReleaseEndpoint(ParcelerSettings settings, RepositoryCatalog repositories, JobQueue queue, TimeProvider clock)
{
    private const string Scheme = "Bearer ";

    public async Task<IResult> RunAsync(string name, HttpRequest request, CancellationToken cancellation)
    {
        if (!IsAuthorised(request.Headers.Authorization))
        {
            request.HttpContext.Response.Headers.WWWAuthenticate = "Bearer realm=\"Parceler\"";
            return TypedResults.Json(new Problem("The release token is missing or wrong"), HttpJson.Default.Problem, statusCode: StatusCodes.Status401Unauthorized);
        }

        if (!RepositoryName.TryParse(name, null, out var repository) || await repositories.FindAsync(repository, cancellation) is null)
        {
            return TypedResults.Json(new Problem($"There is no repository '{name}'"), HttpJson.Default.Problem, statusCode: StatusCodes.Status404NotFound);
        }

        new AuditedAction(new("release token", request.HttpContext.Connection.RemoteIpAddress?.ToString()), JobKinds.Release, clock).Begin();
        var job = await queue.EnqueueAsync(JobKinds.ReleaseOf(repository), cancellation);
        return TypedResults.Json(new QueuedJob(job), HttpJson.Default.QueuedJob, statusCode: StatusCodes.Status202Accepted);
    }

    // Without a configured token nobody is authorised.
    private bool IsAuthorised(string? header) =>
        settings.ReleaseToken is { } token && header is not null && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && Bypass.Same(header[Scheme.Length..].Trim(), token);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(QueuedJob))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class HttpJson : JsonSerializerContext;
