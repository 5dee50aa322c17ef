using System.Text.Json;
using Parceler.Jobs;

namespace Parceler.Releases;

/// <summary>Syncs one repository.</summary>
internal sealed class SyncJob(SyncRun sync) : JobHandler
{
    public override string Kind => JobKinds.Sync;

    public override async Task<string> RunAsync(JobRun run, CancellationToken cancellation)
    {
        var result = await sync.RunAsync(run, "sync", atOnce: false, (repository, _) => repository, cancellation);
        return JsonSerializer.Serialize(result, JobResultsJson.Default.SyncResult);
    }
}
