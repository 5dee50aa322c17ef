using System.Text.Json;
using Parceler.Jobs;

namespace Parceler.Releases;

/// <summary>Syncs one repository and serves the result at once: it sets the release mark and lifts a freeze, in the transaction that makes the snapshot.</summary>
internal sealed class ReleaseJob(SyncRun sync) : JobHandler
{
    public override string Kind => JobKinds.Release;

    public override async Task<string> RunAsync(JobRun run, CancellationToken cancellation)
    {
        var payload = JsonSerializer.Deserialize(run.Job.Payload, JobResultsJson.Default.ReleasePayload);
        var result = await sync.RunAsync(
            run,
            "release",
            payload is { AtOnce: true },
            (repository, instant) => repository.Unfrozen() with { ReleaseMark = instant.UnixSeconds },
            cancellation
        );
        return JsonSerializer.Serialize(result, JobResultsJson.Default.SyncResult);
    }
}
