using System.Text.Json;
using Parceler.Jobs;
using Parceler.Releases;
using Parceler.Snapshots;

namespace Parceler.App.Answers;

/// <summary>Jobs in words.</summary>
internal static class JobWords
{
    public static string What(string kind, string subject) =>
        kind switch
        {
            JobKinds.Sync => $"The sync of '{subject}'",
            JobKinds.Release => $"The release of '{subject}'",
            JobKinds.Collect => "The garbage collection",
            _ => subject.Length == 0 ? kind : $"{kind} of '{subject}'",
        };

    public static string State(Job job) =>
        job.IsRetrying ? "retrying"
        : job is { State: JobState.Running, CancelRequested: true } ? "ending"
        : job.State.InDb();

    /// <summary>What it did, or why it did not; null while neither is known.</summary>
    public static string? Outcome(Job job) => job.State == JobState.Succeeded ? Done(job) : job.Error;

    /// <summary>What a job that succeeded did.</summary>
    public static string Done(Job job) =>
        job.Kind switch
        {
            _ when job.Result is null => "done",
            JobKinds.Sync or JobKinds.Release => Done(JsonSerializer.Deserialize(job.Result, JobResultsJson.Default.SyncResult)!),
            JobKinds.Collect => Done(JsonSerializer.Deserialize(job.Result, JobResultsJson.Default.CollectResult)!),
            _ => job.Result,
        };

    private static string Done(SyncResult result) =>
        $"snapshot {SnapshotInstant.Of(result.Snapshot)} with {result.Files} files of {result.Bytes} bytes, {result.NewBytes} of them new";

    private static string Done(CollectResult result) =>
        $"{result.DroppedSnapshots} snapshots dropped, {result.Deleted} blobs deleted, {result.BytesFreed} bytes freed; {result.Unreferenced} of {result.Blobs} blobs are not needed any more";
}
