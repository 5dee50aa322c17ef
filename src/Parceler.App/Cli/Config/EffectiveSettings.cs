using System.Globalization;
using Parceler.App.Configuration;
using Parceler.Database;
using Parceler.Entitlements;

namespace Parceler.App.Cli;

/// <summary>The configuration under the names of its settings. Of a secret it says only whether it is set.</summary>
internal sealed class EffectiveSettings(ParcelerSettings settings)
{
    public List<KeyValuePair<string, string>> List() =>
        [
            new("STORAGE_PATH", settings.StoragePath),
            .. Database(),
            .. Disk(),
            new("APP_URL", WithoutUser(settings.AppUrl)),
            new("APP_TIMEZONE", settings.TimeZone.Id),
            new("APP_KEY", settings.AppKey is null ? "(kept in the storage folder)" : Set(true)),
            new("APP_PREVIOUS_KEYS", $"({settings.PreviousKeys.Count})"),
            new("REPOSITORY_RELEASE_TOKEN", Set(settings.ReleaseToken is not null)),
            new("ASPNETCORE_URLS", settings.Urls),
            new("TLS_CERTIFICATE", settings.Tls?.Certificate ?? Set(false)),
            new("TLS_KEY", settings.Tls?.Key ?? Set(false)),
            new("TRUSTED_PROXIES", settings.TrustedProxies.Count > 0 ? string.Join(", ", settings.TrustedProxies) : Set(false)),
            new("SYNC_SCHEDULE", settings.SyncSchedule),
            new("SYNC_SLOTS", $"{settings.SyncSlots}"),
            new("GATE_TRIES", $"{settings.Gate.Tries}"),
            new("GATE_WAIT_S", Number(settings.Gate.Wait.TotalSeconds)),
            new("MIRROR_CONNECTIONS", $"{settings.Mirrors.Connections}"),
            new("MIRROR_LARGEST_FILE_GB", Number(settings.Mirrors.LargestFile / (double)(1L << 30))),
            new("DELIVERY_GRACE_HOURS", Number(settings.Grace.TotalHours)),
            new("LEASE_QUIET_MINUTES", Number(settings.Leases.Quiet.TotalMinutes)),
            new("LEASE_HEAD_AFTER_HOURS", Number(settings.Leases.HeadAfter.TotalHours)),
            new("LEASE_HEAD_QUIET_MINUTES", Number(settings.Leases.HeadQuiet.TotalMinutes)),
            new("LEASE_LONGEST_HOURS", Number(settings.Leases.Longest.TotalHours)),
            new("DELIVERY_DENIED_STATUS", settings.Delivery.DeniedIs401 ? "401" : "403"),
            new("DELIVERY_OFFLOAD", settings.Delivery.XAccel ? "x-accel" : "off"),
            new("DELIVERY_LOG", settings.Delivery.Log ? "on" : "off"),
            new("DELIVERY_CONNECTIONS", $"{settings.Limits.Connections}"),
            new("DELIVERY_REQUESTS", $"{settings.Limits.Requests}"),
            new("DELIVERY_REQUESTS_PER_MACHINE", $"{settings.Limits.RequestsPerMachine}"),
            new("DELIVERY_OPEN_FILES", $"{settings.OpenBlobs.Files}"),
            new("DELIVERY_CACHE_MB", $"{settings.OpenBlobs.MemoryBytes >> 20}"),
            new("DELIVERY_SEND_MB", $"{settings.Limits.SendBytes >> 20}"),
            new("MEMORY_LIMIT_MB", $"{settings.Limits.MemoryBytes >> 20}"),
            new("AUTHORITY_CONCURRENCY", $"{settings.Entitlement.AuthorityConcurrency}"),
            new("AUTHORITY_WAIT_S", Number(settings.Entitlement.Authority.Whole.TotalSeconds)),
            new("GUESSES_PER_ID", $"{settings.Entitlement.Guesses.PerId}"),
            new("GUESSES_PER_ADDRESS", $"{settings.Entitlement.Guesses.PerAddress}"),
            new("REDIS_URL", settings.Redis?.ToString() ?? Set(false)),
            new("NETIFYD_API_KEY", Set(settings.Netify is not null)),
            .. Netify(),
            new("LICENCE_OUTAGE_GRACE_DAYS", Number(settings.OutageGrace.TotalDays)),
            new("LOG_FORMAT", settings.JsonLog ? "json" : "text"),
            new("METRICS_TOKEN", Set(settings.Telemetry.Token is not null)),
            new("METRICS_URLS", settings.Telemetry.Urls ?? Set(false)),
            .. settings.Telemetry.OpenTelemetry.Select(setting => KeyValuePair.Create(setting.Key, Set(true))), // headers among them
            .. settings.Tiers.SelectMany(Of),
        ];

    private IEnumerable<KeyValuePair<string, string>> Netify() =>
        settings.Netify is not { } netify ? [] : [new("NETIFYD_API_ENDPOINT", netify.Endpoint.ToString()), new("NETIFYD_LICENSE_SUFFIX", netify.Suffix ?? Set(false))];

    private IEnumerable<KeyValuePair<string, string>> Disk() =>
        settings.S3 is not { } bucket
            ? [new("FILESYSTEM_DISK", "local")]
            :
            [
                new("FILESYSTEM_DISK", "s3"),
                new("AWS_ACCESS_KEY_ID", Set(true)),
                new("AWS_SECRET_ACCESS_KEY", Set(true)),
                new("AWS_DEFAULT_REGION", bucket.Region),
                new("AWS_BUCKET", bucket.Bucket),
                new("AWS_ENDPOINT", bucket.Endpoint?.ToString() ?? Set(false)),
                new("AWS_URL", bucket.PublicAddress?.ToString() ?? Set(false)),
                new("AWS_USE_PATH_STYLE_ENDPOINT", bucket.PathStyle ? "true" : "false"),
                new("S3_CHECKSUMS", bucket.Checksums.ToString().ToLowerInvariant()),
                new("S3_PREFIX", bucket.Prefix.Length > 0 ? bucket.Prefix : Set(false)),
                new("S3_CONNECTIONS", $"{bucket.Connections}"),
                new("S3_TIMEOUT_S", Number(bucket.Timeout.TotalSeconds)),
                new("S3_RETRIES", $"{bucket.Retries}"),
                new("S3_DELIVERY", settings.Delivery.Store.ToString().ToLowerInvariant()),
                new("S3_URL_SECONDS", Number(settings.Delivery.UrlLife.TotalSeconds)),
                new("BLOB_CACHE_BYTES", $"{settings.Delivery.Cache.Bytes}"),
            ];

    private IEnumerable<KeyValuePair<string, string>> Database() =>
        settings.Postgres is not { } server
            ? [new("DB_CONNECTION", "sqlite"), new("DB_DATABASE", settings.DatabaseFile)]
            :
            [
                new("DB_CONNECTION", "pgsql"),
                new("DB_HOST", server.Host),
                new("DB_PORT", $"{server.Port}"),
                new("DB_DATABASE", server.Database),
                new("DB_USERNAME", server.User),
                new("DB_PASSWORD", Set(server.Password is not null)),
                new("DB_SSLMODE", PostgresAddress.SslModes.First(mode => mode.Value == server.SslMode).Key),
                new("DB_POOL", $"{server.Pool}"),
            ];

    private static IEnumerable<KeyValuePair<string, string>> Of(Tier tier)
    {
        yield return new($"TIERS__{tier.Name}__Kind", tier.Kind.ToString().ToLowerInvariant());
        if (tier.Endpoint is { } endpoint)
        {
            yield return new($"TIERS__{tier.Name}__Endpoint", WithoutUser(endpoint));
            yield return new($"TIERS__{tier.Name}__Ttl", tier.Ttl.ToString("c", CultureInfo.InvariantCulture));
        }
    }

    private static string Set(bool isSet) => isSet ? "(set)" : "(not set)";

    private static string Number(double number) => number.ToString(CultureInfo.InvariantCulture);

    private static string WithoutUser(Uri url) => url.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.UserInfo, UriFormat.UriEscaped);
}
