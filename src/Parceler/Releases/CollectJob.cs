using System.Text.Json;
using Parceler.Jobs;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.Releases;

/// <summary>Drops what retention lets go in every repository and what is left of deleted snapshots, then the blobs that nobody names, then old entries of the queue.</summary>
internal sealed class CollectJob(RepositoryCatalog repositories, PruneSnapshots prune, DropWithdrawn withdrawn, CollectGarbage collect, JobQueue queue, GracePeriod grace, TimeProvider clock)
    : JobHandler
{
    private static readonly TimeSpan s_keepJobs = TimeSpan.FromDays(90);

    public override string Kind => JobKinds.Collect;

    public override async Task<string> RunAsync(JobRun run, CancellationToken cancellation)
    {
        var dropped = 0;
        foreach (var repository in await repositories.ListAsync(cancellation))
        {
            dropped += (await prune.RunAsync(repository.Name, grace.Hold, cancellation)).Count;
        }

        await withdrawn.RunAsync(cancellation);
        try
        {
            var done = await collect.RunAsync(grace.Length, run.Progress, cancellation);
            run.Log($"{done.Blobs} blobs, {done.Unreferenced} of them unreferenced; {done.Deleted} deleted, {done.BytesFreed} bytes freed");
            await queue.ForgetOldAsync(clock.GetUtcNow() - s_keepJobs, cancellation);
            return JsonSerializer.Serialize(
                new(done.Blobs, done.Unreferenced, done.Deleted, done.BytesFreed, dropped),
                JobResultsJson.Default.CollectResult
            );
        }
        catch (Exception e) when (e is CorruptManifestException or RefusedException or WrongStoreException)
        {
            throw new JobFailedException($"Nothing was deleted. {e.Message}");
        }
    }
}
