using System.Text.Json.Serialization;
using Parceler.Jobs;
using Parceler.Repositories;

namespace Parceler.Releases;

/// <summary>The jobs that there are, and how each is asked for.</summary>
internal static class JobKinds
{
    public const string Sync = "repository.sync";
    public const string Release = "repository.release";
    public const string Collect = "storage.collect";
    private static readonly TimeSpan s_releaseGivesUp = TimeSpan.FromMinutes(15);

    public static JobRequest SyncOf(RepositoryName name) => new(Sync, name.ToString(), "{}");

    /// <summary>A release brings in what upstream has from now on, so a sync that waits is no substitute; and it must not happen hours later.</summary>
    public static JobRequest ReleaseOf(RepositoryName name) => new(Release, name.ToString(), "{}") { GiveUpAfter = s_releaseGivesUp };

    public static JobRequest CollectGarbage() => new(Collect, "", "{}");
}

/// <summary>What a sync or a release did.</summary>
internal sealed record SyncResult(DateTimeOffset Snapshot, long Files, long Bytes, long NewBytes, int Dropped);

/// <summary>What a pass of the collector did.</summary>
internal sealed record CollectResult(long Blobs, long Unreferenced, long Deleted, long BytesFreed, int DroppedSnapshots);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SyncResult))]
[JsonSerializable(typeof(CollectResult))]
internal sealed partial class JobResultsJson : JsonSerializerContext;
