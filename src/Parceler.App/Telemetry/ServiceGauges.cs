using System.Diagnostics.Metrics;
using Parceler.App.Configuration;
using Parceler.App.Http;
using Parceler.App.Tls;
using Parceler.Delivery;
using Parceler.Entitlements;

namespace Parceler.App.Telemetry;

/// <summary>Shows what the parts of the service count and hold, when somebody asks. Labels are names of repositories and tiers, and words of ours: never a machine or a path.</summary>
internal sealed class ServiceGauges(IServiceProvider services, Roles roles, RepositoryWatch watch, ParcelerSettings settings, TimeProvider clock) : IHostedService, IDisposable
{
    public const string Meter = "Parceler";
    private readonly Meter _meter = new(Meter);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        AddRepositories();
        AddService();
        if (roles.Web)
        {
            AddDelivery();
            AddEntitlement();
            AddSessions();
            AddCache();
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _meter.Dispose();

    private void AddRepositories()
    {
        PerRepository("parceler.repository.last_sync.timestamp", "s", "When a sync of the repository last succeeded.", state => state.LastSync);
        PerRepository("parceler.repository.snapshots", null, "Snapshots of the repository.", state => state.Snapshots);
        PerRepository("parceler.repository.snapshots.missing", null, "Snapshots of the repository whose manifests vanished.", state => state.Missing);
        PerRepository("parceler.repository.delay", "s", "How long the repository is held back from upstream.", state => state.Repository.DelayDays * 86_400.0);
        PerRepository("parceler.repository.frozen", null, "1 while the repository is frozen.", state => state.Repository.Freeze is null ? 0 : 1);
        PerRepository("parceler.repository.frozen.timestamp", "s", "The instant of the snapshot that the repository is frozen at.", state => state.Repository.Freeze);
        PerRepository("parceler.repository.frozen.since.timestamp", "s", "Since when the repository is frozen.", state => state.Repository.FrozenSince?.ToUnixTimeMilliseconds() / 1000.0);
        PerRepository("parceler.repository.served.timestamp", "s", "The instant of the snapshot that is served.", state => state.Repository.Served);
        PerRepository("parceler.repository.served.since.timestamp", "s", "Since when that snapshot is served.", state => state.Repository.ServedSince?.ToUnixTimeMilliseconds() / 1000.0);
        PerRepository("parceler.repository.served", null, "1 when machines get the snapshot that is chosen for them.", state => state.Served is { } served ? served ? 1 : 0 : null);
    }

    private void AddService()
    {
        var maintenance = services.GetRequiredService<MaintenanceMode>();
        _meter.CreateObservableGauge("parceler.maintenance", () => maintenance.Current is null ? 0 : 1, null, "1 while the service is down for maintenance.");
        _meter.CreateObservableGauge("parceler.jobs", () => watch.Jobs.Select(jobs => new Measurement<long>(jobs.Count, Label("state", jobs.State))), null, "Jobs that wait or run, of all processes.");
        _meter.CreateObservableGauge("parceler.storage.disk.free", () => Disk(disk => disk.AvailableFreeSpace), "By", "What the storage disk has left for this service.");
        _meter.CreateObservableGauge("parceler.storage.disk.size", () => Disk(disk => disk.TotalSize), "By", "The size of the storage disk.");
        if (services.GetService<ServedCertificate>() is { } certificate)
        {
            _meter.CreateObservableGauge("parceler.tls.expiry.timestamp", () => certificate.Expires.ToUnixTimeSeconds(), "s", "When the TLS certificate expires.");
        }
    }

    private void AddDelivery()
    {
        var (counts, map) = (services.GetRequiredService<DownloadCounts>(), services.GetRequiredService<CurrentDeliveryMap>());
        _meter.CreateObservableCounter("parceler.delivery.requests", () => Requests(counts), null, "Requests for files, by tier and by what was decided.");
        _meter.CreateObservableCounter("parceler.repository.downloads", () => map.Map.Repositories.Select(r => new Measurement<long>(r.Traffic.Files, Label("repository", r.Name))), null, "Files of the repository that were sent, or parts of files.");
        _meter.CreateObservableCounter("parceler.repository.download", () => map.Map.Repositories.Select(r => new Measurement<long>(r.Traffic.Bytes, Label("repository", r.Name))), "By", "Bytes of the repository that were sent.");
    }

    private void AddEntitlement()
    {
        var entitlement = services.GetRequiredService<EntitlementCheck>();
        _meter.CreateObservableGauge("parceler.authority.up", () => entitlement.Authorities.Select(a => new Measurement<int>(a.IsUp ? 1 : 0, Label("tier", a.Tier.ToString()))), null, "0 while the licence authority of the tier gives no answer.");
        _meter.CreateObservableGauge("parceler.authority.breaker.open", () => entitlement.Authorities.Select(a => new Measurement<int>(a.IsBreakerOpen ? 1 : 0, Label("tier", a.Tier.ToString()))), null, "1 while the authority is left alone after too many failures.");
        _meter.CreateObservableGauge("parceler.authority.questions", () => entitlement.Questions, null, "Machines that an authority is being asked about.");
        _meter.CreateObservableGauge("parceler.verdicts", () => entitlement.Remembered, null, "Machines whose verdict is in memory.");
    }

    private void AddSessions()
    {
        var (readings, sessions) = (services.GetRequiredService<Readings>(), services.GetRequiredService<Sessions>());
        _meter.CreateObservableGauge("parceler.sessions", () => readings.CountLive(clock.GetUtcNow().ToUnixTimeMilliseconds()), null, "Sessions of machines that go on.");
        _meter.CreateObservableGauge("parceler.session.readings", () => readings.Count, null, "Machines and repositories of which memory holds what was read last.");
        _meter.CreateObservableCounter("parceler.session.starts", () => sessions.Started, null, "Sessions that were started here.");
    }

    private void AddCache()
    {
        var blobs = services.GetRequiredService<OpenBlobs>();
        _meter.CreateObservableCounter("parceler.cache.lookups", () => Lookups(blobs.Lookups), null, "Blobs to be sent, by where they were: in memory, in an open file, or to be opened.");
        _meter.CreateObservableCounter("parceler.cache.opened", () => blobs.Lookups[(int)BlobLookup.OpenedBytes], "By", "Sizes of the blobs that were opened.");
        _meter.CreateObservableGauge("parceler.cache.memory", () => blobs.MemoryBytes, "By", "Small blobs that are kept in memory.");
        var cache = services.GetService<BlobCache>(); // with a bucket only
        _meter.CreateObservableGauge("parceler.cache.disk", () => cache?.Bytes ?? 0, "By", "Blobs of the bucket that are kept on this machine's disk.");
        _meter.CreateObservableGauge("parceler.cache.files", () => blobs.Files, null, "Files that are kept open.");
    }

    private void PerRepository(string name, string? unit, string description, Func<RepositoryState, double?> value) =>
        _meter.CreateObservableGauge(
            name,
            () => from state in watch.Repositories let number = value(state) where number is not null select new Measurement<double>(number.Value, Label("repository", state.Name)),
            unit,
            description
        );

    private static IEnumerable<Measurement<long>> Requests(DownloadCounts counts) =>
        counts.Tiers.Select(tier => (Name: tier.Tier.Name.ToString(), tier.Decisions)).Append(("", counts.Others)).SelectMany(tier =>
            from decision in Enum.GetValues<Decision>()
            let count = tier.Item2[(int)decision]
            where count > 0
            select new Measurement<long>(count, Label("tier", tier.Item1), Label("decision", DownloadCounts.Words[(int)decision])));

    private static IEnumerable<Measurement<long>> Lookups(Tally tally) =>
        [new(tally[(int)BlobLookup.Memory], Label("found", "memory")), new(tally[(int)BlobLookup.OpenFile], Label("found", "file")), new(tally[(int)BlobLookup.Opened], Label("found", "nowhere"))];

    private IEnumerable<Measurement<long>> Disk(Func<DriveInfo, long> read)
    {
        try
        {
            return [new(read(new(settings.StoragePath)))];
        }
        catch (IOException)
        {
            return []; // the disk is gone; other alerts tell
        }
    }

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);
}
