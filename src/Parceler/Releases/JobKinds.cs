using System.Text.Json;
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
    /// <param name="atOnce">For machines in the middle of an update, too.</param>
    public static JobRequest ReleaseOf(RepositoryName name, bool atOnce = false) =>
        new(Release, name.ToString(), JsonSerializer.Serialize(new(atOnce), JobResultsJson.Default.ReleasePayload)) { GiveUpAfter = s_releaseGivesUp };

    public static JobRequest CollectGarbage() => new(Collect, "", "{}");
}

/// <summary>How a release was asked for.</summary>
internal sealed record ReleasePayload(bool AtOnce);

/// <summary>What a sync or a release did.</summary>
internal sealed record SyncResult(DateTimeOffset Snapshot, long Files, long Bytes, long NewBytes, int Dropped);

/// <summary>What a pass of the collector did.</summary>
internal sealed record CollectResult(long Blobs, long Unreferenced, long Deleted, long BytesFreed, int DroppedSnapshots);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ReleasePayload))]
[JsonSerializable(typeof(SyncResult))]
[JsonSerializable(typeof(CollectResult))]
internal sealed partial class JobResultsJson : JsonSerializerContext;
