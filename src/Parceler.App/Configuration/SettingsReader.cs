using System.Globalization;
using System.Net;
using Cronos;
using Microsoft.Extensions.Configuration;
using Parceler.App.Http;
using Parceler.App.Tls;
using Parceler.Database;
using Parceler.Delivery;
using Parceler.Entitlements;
using Parceler.Snapshots;
using Parceler.Upstreams.Mirrors;

namespace Parceler.App.Configuration;

/// <summary>Reads every setting under its name and collects all faults before it complains.</summary>
/// <param name="opensFiles">Whether the files that it names are looked into: a command that answers nobody has no business with a key.</param>
internal sealed class SettingsReader(IConfiguration configuration, bool opensFiles = false) : NamedSettings(configuration, [])
{
    /// <exception cref="SettingsException"/>
    public ParcelerSettings Read()
    {
        var bucket = new StorageSettings(Configuration, Faults).Read();
        var postgres = Choice("DB_CONNECTION", ["sqlite", "pgsql"], "sqlite") == "pgsql";
        var storage = Path.GetFullPath(Text("STORAGE_PATH") ?? "storage");
        var settings = new ParcelerSettings(
            storage,
            Path.GetFullPath((postgres ? null : Text("DB_DATABASE")) ?? Path.Combine(storage, "database.sqlite")),
            Url("APP_URL", "http://localhost:8080"),
            Zone(),
            Cron(),
            Key("APP_KEY", Text("APP_KEY")) is null ? null : Text("APP_KEY"),
            [.. List("APP_PREVIOUS_KEYS").Select(text => Key("APP_PREVIOUS_KEYS", text)).OfType<byte[]>()],
            Text("REPOSITORY_RELEASE_TOKEN"),
            Addresses(),
            Tls(),
            [.. List("TRUSTED_PROXIES").Select(Network).OfType<IPNetwork>()],
            Leases(),
            TimeSpan.FromDays(Number("LICENCE_OUTAGE_GRACE_DAYS", 7, 0, 365)),
            new TierSettings(Configuration, Faults).Read(),
            new DeliveryOptions(
                Choice("DELIVERY_DENIED_STATUS", ["403", "401"], "403") == "401",
                Choice("DELIVERY_OFFLOAD", ["off", "x-accel"], "off") == "x-accel",
                Choice("DELIVERY_LOG", ["on", "off"], "off") == "on"
            )
            {
                Store = Choice("S3_DELIVERY", ["auto", "redirect", "stream"], "auto") switch { "redirect" => StoreDelivery.Redirect, "stream" => StoreDelivery.Stream, _ => StoreDelivery.Auto },
                UrlLife = TimeSpan.FromSeconds(Whole("S3_URL_SECONDS", 60, 50, 7 * 24 * 3600)),
                Cache = new((long)Number("BLOB_CACHE_BYTES", 1L << 30, 0, 1L << 50, whole: true)),
            },
            Whole("SYNC_SLOTS", 2, 1, 64),
            new EntitlementLimits(
                Whole("AUTHORITY_CONCURRENCY", 64, 1, 4096),
                AuthorityLimits.Of(TimeSpan.FromSeconds(Number("AUTHORITY_WAIT_S", 4, 1, 60))),
                new GuessLimits(Whole("GUESSES_PER_ID", 20, 1, 1_000_000), Whole("GUESSES_PER_ADDRESS", 300, 1, 1_000_000))
            ),
            new OpenBlobLimits(Megabytes("DELIVERY_CACHE_MB", 32, 0), Whole("DELIVERY_OPEN_FILES", 1024, 16, 1_000_000)),
            Limits(),
            Telemetry(),
            Choice("LOG_FORMAT", ["text", "json"], "text") == "json"
        )
        {
            Gate = new(Whole("GATE_TRIES", GatePatience.Usual.Tries, 1, 100), TimeSpan.FromSeconds(Number("GATE_WAIT_S", GatePatience.Usual.Wait.TotalSeconds, 0, 3600))),
            Mirrors = Mirrors(),
            AuditKept = TimeSpan.FromDays(Whole("AUDIT_DAYS", 400, 1, 36_500)),
            S3 = bucket,
            Redis = Redis(),
            Netify = new NetifySettingsReader(Configuration, Faults).Read(),
            Postgres = postgres ? Postgres() : null,
        };
        return Faults.Count == 0 ? settings : throw new SettingsException(Faults);
    }

    private byte[]? Key(string name, string? text)
    {
        if (text is null)
        {
            return null;
        }

        if (AppKey.Parse(text) is { } key)
        {
            return key;
        }

        Faults.Add($"{name}: not a key. Make one with: parceler key generate --show");
        return null;
    }

    private Uri Url(string name, string fallback)
    {
        if (Uri.TryCreate(Text(name) ?? fallback, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
        {
            return url;
        }

        Faults.Add($"{name}: '{Text(name)}' is no http or https address");
        return new(fallback);
    }

    private TimeZoneInfo Zone()
    {
        var name = Text("APP_TIMEZONE") ?? "UTC";
        if (TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone))
        {
            return zone;
        }

        Faults.Add($"APP_TIMEZONE: '{name}' is no time zone known to this machine, such as Europe/Rome (is the package tzdata installed?)");
        return TimeZoneInfo.Utc;
    }

    private string Cron()
    {
        var cron = Text("SYNC_SCHEDULE") ?? "0 0 * * *";
        if (!CronExpression.TryParse(cron, out _))
        {
            Faults.Add($"SYNC_SCHEDULE: '{cron}' is no cron expression such as '0 0 * * *'");
        }

        return cron;
    }

    private RedisAddress? Redis()
    {
        RedisAddress? address = null;
        if (Text("REDIS_URL") is { } text && !RedisAddress.TryParse(text, out address))
        {
            Faults.Add("REDIS_URL: no address such as redis://:password@localhost:6379/0"); // it may hold a password
        }

        return address;
    }

    private PostgresAddress? Postgres()
    {
        if (Text("APP_KEY") is null && !Faults.Exists(fault => fault.StartsWith("APP_KEY", StringComparison.Ordinal)))
        {
            Faults.Add("APP_KEY: missing; with DB_CONNECTION=pgsql every node needs the same one. Make it with: parceler key generate --show");
        }

        return new DatabaseSettings(Configuration, Faults).Read();
    }

    private FetchOptions Mirrors()
    {
        var usual = new FetchOptions();
        return usual with
        {
            Connections = Whole("MIRROR_CONNECTIONS", usual.Connections, 1, 64),
            LargestFile = (long)(Number("MIRROR_LARGEST_FILE_GB", usual.LargestFile >> 30, 0.001, 100_000) * (1L << 30)),
        };
    }

    private LeaseTimes Leases()
    {
        var usual = LeaseTimes.Usual;
        var times = new LeaseTimes(
            TimeSpan.FromMinutes(Number("LEASE_QUIET_MINUTES", usual.Quiet.TotalMinutes, 1, 24 * 60)),
            TimeSpan.FromHours(Number("LEASE_HEAD_AFTER_HOURS", usual.HeadAfter.TotalHours, 0, 24 * 7)),
            TimeSpan.FromMinutes(Number("LEASE_HEAD_QUIET_MINUTES", usual.HeadQuiet.TotalMinutes, 0, 24 * 60)),
            TimeSpan.FromHours(Number("LEASE_LONGEST_HOURS", usual.Longest.TotalHours, 1, 24 * 7)),
            TimeSpan.FromHours(Number("DELIVERY_GRACE_HOURS", usual.Grace.TotalHours, 0, 24 * 365))
        );
        if (times.HeadAfter > times.Longest)
        {
            Faults.Add($"LEASE_HEAD_AFTER_HOURS: it must not be more than LEASE_LONGEST_HOURS, {times.Longest.TotalHours}");
        }

        return times;
    }

    private ServiceLimits Limits()
    {
        var usual = ServiceLimits.Usual;
        return new(
            Whole("DELIVERY_CONNECTIONS", usual.Connections, 16, 1_000_000),
            Whole("DELIVERY_REQUESTS", usual.Requests, 1, 1_000_000),
            Whole("DELIVERY_REQUESTS_PER_MACHINE", usual.RequestsPerMachine, 1, 1_000_000),
            Megabytes("DELIVERY_SEND_MB", (int)(usual.SendBytes >> 20), 1),
            Megabytes("MEMORY_LIMIT_MB", (int)(usual.MemoryBytes >> 20), 128)
        );
    }

    private string Addresses()
    {
        var (name, text) = Text("urls") is { } option ? ("--urls", option) : ("ASPNETCORE_URLS", Text("ASPNETCORE_URLS") ?? "http://127.0.0.1:8080");
        foreach (var address in text.Split(';').Where(address => !ListenAddress.IsValid(address)))
        {
            Faults.Add($"{name}: '{address}' is no address to listen on, such as http://127.0.0.1:8080");
        }

        if (text.Split(';').FirstOrDefault(ListenAddress.IsTls) is { } tls && (Text(TlsFiles.CertificateName) ?? Text(TlsFiles.KeyName)) is null)
        {
            Faults.Add($"{name}: '{tls}' needs a certificate: set {TlsFiles.CertificateName} and {TlsFiles.KeyName}");
        }

        return text;
    }

    private IPNetwork? Network(string text)
    {
        var network = NetworkAddress.Parse(text);
        if (network is null)
        {
            Faults.Add($"TRUSTED_PROXIES: '{text}' is no address or network, such as 10.0.0.7, 10.0.0.0/8 or fd00::/8");
        }

        return network;
    }

    private TelemetrySettings Telemetry()
    {
        var urls = Text("METRICS_URLS");
        foreach (var address in (urls?.Split(';') ?? []).Where(address => !ListenAddress.IsValid(address) || ListenAddress.IsTls(address)))
        {
            Faults.Add($"METRICS_URLS: '{address}' is no address to listen on, such as http://127.0.0.1:9464 (over https, scrape /metrics of the service, with METRICS_TOKEN)");
        }

        var standard = Configuration.AsEnumerable().Where(s => s.Key.StartsWith("OTEL_", StringComparison.OrdinalIgnoreCase) && Text(s.Key) is not null);
        var telemetry = new TelemetrySettings(Text("METRICS_TOKEN"), urls, standard.ToDictionary(s => s.Key.ToUpperInvariant(), s => Text(s.Key), StringComparer.Ordinal));
        foreach (var name in new[] { TelemetrySettings.Endpoint, TelemetrySettings.MetricsEndpoint })
        {
            if (telemetry.OpenTelemetry.TryGetValue(name, out var endpoint) && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
            {
                Faults.Add($"{name}: '{endpoint}' is no http or https address");
            }
        }

        return telemetry;
    }

    private TlsFiles? Tls()
    {
        if (Text(TlsFiles.CertificateName) is not { } certificate || Text(TlsFiles.KeyName) is not { } key)
        {
            if ((Text(TlsFiles.CertificateName) ?? Text(TlsFiles.KeyName)) is not null)
            {
                var (missing, other) = Text(TlsFiles.KeyName) is null ? (TlsFiles.KeyName, TlsFiles.CertificateName) : (TlsFiles.CertificateName, TlsFiles.KeyName);
                Faults.Add($"{missing}: missing; {other} is of no use without it");
            }

            return null;
        }

        var files = new TlsFiles(Path.GetFullPath(certificate), Path.GetFullPath(key));
        if (opensFiles)
        {
            Check(files);
        }

        return files;
    }

    private void Check(TlsFiles files)
    {
        try
        {
            CertificatePair.Load(files);
        }
        catch (TlsException e)
        {
            Faults.Add(e.Message);
        }
    }
}
