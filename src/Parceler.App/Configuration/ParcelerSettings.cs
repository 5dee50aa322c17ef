using System.Net;
using Parceler.App.Http;
using Parceler.App.Tls;
using Parceler.Database;
using Parceler.Delivery;
using Parceler.Entitlements;
using Parceler.Netify;
using Parceler.Snapshots;
using Parceler.Storage.S3;
using Parceler.Upstreams.Mirrors;

namespace Parceler.App.Configuration;

/// <summary>The whole configuration, validated. The names of the settings are in <see cref="SettingsReader"/>.</summary>
internal sealed record ParcelerSettings(
    string StoragePath,
    string DatabaseFile,
    Uri AppUrl,
    TimeZoneInfo TimeZone,
    string SyncSchedule,
    string? AppKey,
    IReadOnlyList<byte[]> PreviousKeys,
    string? ReleaseToken,
    string Urls,
    TlsFiles? Tls,
    IReadOnlyList<IPNetwork> TrustedProxies,
    LeaseTimes Leases,
    TimeSpan OutageGrace,
    IReadOnlyList<Tier> Tiers,
    DeliveryOptions Delivery,
    int SyncSlots,
    EntitlementLimits Entitlement,
    OpenBlobLimits OpenBlobs,
    ServiceLimits Limits,
    TelemetrySettings Telemetry,
    bool JsonLog
)
{
    public TimeSpan Grace => Leases.Grace;

    public GatePatience Gate { get; init; } = GatePatience.Usual;

    public FetchOptions Mirrors { get; init; } = new();

    /// <summary>How long the audit log is kept.</summary>
    public TimeSpan AuditKept { get; init; } = TimeSpan.FromDays(400);

    /// <summary>Where web servers tell each other verdicts; null where they do so in the database.</summary>
    public RedisAddress? Redis { get; init; }

    /// <summary>The bucket that holds the storage; null for a local disk.</summary>
    public S3Settings? S3 { get; init; }

    /// <summary>How Netify is asked; null where it is not.</summary>
    public NetifySettings? Netify { get; init; }

    /// <summary>The database server; null for the file.</summary>
    public PostgresAddress? Postgres { get; init; }
}
