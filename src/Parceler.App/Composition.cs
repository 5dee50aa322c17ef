using Amazon.S3;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parceler.App.Answers;
using Parceler.App.Configuration;
using Parceler.Audit;
using Parceler.Database;
using Parceler.Delivery;
using Parceler.Entitlements;
using Parceler.Imports;
using Parceler.Jobs;
using Parceler.Operators;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;
using Parceler.Storage.S3;
using Parceler.Upstreams;
using Parceler.Upstreams.Mirrors;

namespace Parceler.App;

/// <summary>Puts the parts together. Services and commands have the same ones.</summary>
internal static class Composition
{
    public static IServiceCollection AddParceler(this IServiceCollection services, ParcelerSettings settings, TimeProvider clock) =>
        services.AddSingleton(settings).AddSingleton(clock).AddStores(settings).AddUseCases(settings).AddDelivery(settings).AddJobs(settings).AddOperators().AddAnswers();

    /// <summary>Before anything else: the database is brought up to this version, and the storage is checked to be its own.</summary>
    /// <exception cref="DatabaseException"/>
    /// <exception cref="WrongStoreException"/>
    public static async Task PrepareAsync(this IServiceProvider services, CancellationToken cancellation)
    {
        await services.GetRequiredService<ParcelerDb>().MigrateAsync(cancellation);
        await services.GetRequiredService<StoreIdentity>().EstablishAsync(cancellation);
    }

    private static IServiceCollection AddStores(this IServiceCollection services, ParcelerSettings settings) =>
        services
            .AddSingleton<ParcelerDb>(s => settings.Postgres is { } address ? new PostgresDb(address, s.GetRequiredService<ILogger<PostgresDb>>()) : new SqliteDb(settings.DatabaseFile))
            .AddSingleton<ChangeFeed>()
            .AddSingleton(_ => new WorkFolder(settings.StoragePath))
            .AddDisk(settings.S3)
            .AddSingleton<StoreIdentity>()
            .AddSingleton<RepositoryCatalog>()
            .AddSingleton<RepositoryFiles>()
            .AddSingleton<SnapshotCatalog>()
            .AddSingleton<ManifestStore>()
            .AddSingleton<OpenPackages>();

    private static IServiceCollection AddDisk(this IServiceCollection services, S3Settings? bucket) =>
        bucket is null
            ? services.AddSingleton<LocalDisk>().AddSingleton<StorageDisk>(s => s.GetRequiredService<LocalDisk>()).AddSingleton<BlobStore, LocalBlobs>()
            : services
                .AddSingleton<IAmazonS3>(_ => S3ClientFactory.Create(bucket))
                .AddSingleton(s => new S3Bucket(s.GetRequiredService<IAmazonS3>(), bucket))
                .AddSingleton<S3Upload>()
                .AddSingleton<S3Disk>()
                .AddSingleton<StorageDisk>(s => s.GetRequiredService<S3Disk>())
                .AddSingleton<BlobStore, S3Blobs>();

    private static IServiceCollection AddUseCases(this IServiceCollection services, ParcelerSettings settings) =>
        services
            .AddSingleton(new GracePeriod(settings.Grace) { Hold = settings.Leases.Hold })
            .AddSingleton<ChangeRepository>()
            .AddSingleton<CreateRepository>()
            .AddSingleton<EditRepository>()
            .AddSingleton<DeleteRepository>()
            .AddSingleton<CommandUpstream>()
            .AddSingleton(settings.Mirrors)
            .AddSingleton<MirrorUpstream>()
            .AddSingleton<CommitSnapshot>()
            .AddSingleton<IntegrityGate>()
            .AddSingleton(settings.Gate)
            .AddSingleton<SyncRepository>()
            .AddSingleton<SyncRun>()
            .AddSingleton<FindPackages>()
            .AddSingleton<DiskFolders>()
            .AddSingleton<FreezeRepository>()
            .AddSingleton<UnfreezeRepository>()
            .AddSingleton<DeleteSnapshots>()
            .AddSingleton<PruneSnapshots>()
            .AddSingleton<AnnounceSwitch>()
            .AddSingleton<SwitchRepository>()
            .AddSingleton<DropWithdrawn>()
            .AddSingleton<RecordSwitches>()
            .AddSingleton<WithdrawDamaged>()
            .AddSingleton<CollectGarbage>()
            .AddSingleton<ScanSnapshots>()
            .AddSingleton<VerifyStore>()
            .AddSingleton<RecoverDatabase>()
            .AddSingleton<ImportSnapshots>()
            .AddSingleton<ImportRepositories>();

    private static IServiceCollection AddDelivery(this IServiceCollection services, ParcelerSettings settings) =>
        services
            .AddSingleton(_ => new EntitlementOptions(settings.Tiers, [AppKey.Establish(settings), .. settings.PreviousKeys]) { OutageGrace = settings.OutageGrace, AuthorityConcurrency = settings.Entitlement.AuthorityConcurrency, Limits = settings.Entitlement.Authority, Guesses = settings.Entitlement.Guesses })
            .AddSingleton<LocalMachines>()
            .AddVerdictsOf(settings.Redis)
            .AddSingleton<EntitlementCheck>()
            .AddSingleton(new LeaseRule(settings.Leases))
            .AddSingleton<ClockEpoch>()
            .AddSingleton(s => new Readings(s.GetRequiredService<LeaseRule>(), s.GetRequiredService<ClockEpoch>()))
            .AddSingleton<LeaseStore>()
            .AddSingleton<StandingSwitches>()
            .AddSingleton<LeaseNews>()
            .AddSingleton<SharedSessions>()
            .AddSingleton<Sessions>()
            .AddSingleton<IndexDates>()
            .AddSingleton<BuildServedRepository>()
            .AddSingleton<SnapshotTrees>()
            .AddSingleton<BuildDeliveryMap>()
            .AddSingleton<CurrentDeliveryMap>()
            .AddSingleton<DeliveryLoop>()
            .AddSingleton<MaintenanceMode>()
            .AddSingleton(settings.Delivery)
            .AddSingleton(settings.OpenBlobs)
            .AddSingleton<StoreOutage>()
            .AddBlobs(settings);

    private static IServiceCollection AddVerdictsOf(this IServiceCollection services, RedisAddress? redis) =>
        redis is null ? services : services.AddSingleton(redis).AddSingleton<RedisVerdicts>();

    private static IServiceCollection AddBlobs(this IServiceCollection services, ParcelerSettings settings) =>
        settings.S3 is null
            ? services.AddSingleton(s => new OpenBlobs(s.GetRequiredService<BlobStore>(), settings.OpenBlobs))
            : services
                .AddSingleton(s => new BlobCache(
                    s.GetRequiredService<BlobStore>().OpenReadAsync,
                    settings.S3.Connections,
                    s.GetRequiredService<WorkFolder>(),
                    settings.Delivery.Cache,
                    s.GetRequiredService<StoreOutage>(),
                    s.GetRequiredService<ILogger<BlobCache>>()
                ))
                .AddSingleton(s => new OpenBlobs(s.GetRequiredService<BlobStore>(), settings.OpenBlobs, s.GetRequiredService<BlobCache>()));

    private static IServiceCollection AddJobs(this IServiceCollection services, ParcelerSettings settings) =>
        services
            .AddSingleton<JobQueue>()
            .AddSingleton<AskedJobs>()
            .AddSingleton<JobClaims>()
            .AddSingleton<WorkerRegister>()
            .AddSingleton<DailyJobs>()
            .AddSingleton<JobHandler, SyncJob>()
            .AddSingleton<JobHandler, ReleaseJob>()
            .AddSingleton<JobHandler, CollectJob>()
            .AddSingleton(new WorkerOptions(settings.SyncSlots, IgnoresMaintenance: false))
            .AddSingleton(s => new Worker(
                s.GetRequiredService<ParcelerDb>(),
                s.GetRequiredService<JobClaims>(),
                s.GetRequiredService<WorkerRegister>(),
                s.GetRequiredService<ChangeFeed>(),
                s.GetRequiredService<TimeProvider>(),
                s.GetRequiredService<ILogger<Worker>>(),
                [.. s.GetServices<JobHandler>()],
                IsPaused(s, s.GetRequiredService<WorkerOptions>())
            ))
            .AddSingleton(s => new Scheduler(
                s.GetRequiredService<ParcelerDb>(),
                new Schedule(settings.SyncSchedule, settings.TimeZone),
                s.GetRequiredService<DailyJobs>().EnqueueAsync,
                IsPaused(s, new(settings.SyncSlots, IgnoresMaintenance: false)),
                s.GetRequiredService<ChangeFeed>(),
                s.GetRequiredService<TimeProvider>(),
                s.GetRequiredService<ILogger<Scheduler>>()
            ));

    private static IServiceCollection AddOperators(this IServiceCollection services) =>
        services
            .AddSingleton<AuditLog>()
            .AddSingleton<ApiTokens>()
            .AddSingleton<OperatorCatalog>()
            .AddSingleton<OperatorSessions>()
            .AddSingleton<SignInGuesses>()
            .AddSingleton<SignIn>();

    private static IServiceCollection AddAnswers(this IServiceCollection services) =>
        services
            .AddSingleton<ReadRepositories>()
            .AddSingleton<ReadSnapshots>()
            .AddSingleton<AddMachine>()
            .AddSingleton<TrustKeys>()
            .AddSingleton<ChangeJob>()
            .AddSingleton<AcceptRollback>();

    private static Func<bool> IsPaused(IServiceProvider services, WorkerOptions options)
    {
        var maintenance = services.GetRequiredService<MaintenanceMode>();
        return () => maintenance.Current is not null && !options.IgnoresMaintenance;
    }
}

/// <summary>How the worker of this process works.</summary>
/// <param name="Slots">How many jobs run at a time.</param>
/// <param name="IgnoresMaintenance">Runs jobs while the service is down for maintenance.</param>
internal sealed record WorkerOptions(int Slots, bool IgnoresMaintenance);
