using Parceler.App.Cli;
using Parceler.App.Configuration;
using Parceler.Audit;
using Parceler.Database;
using Parceler.Delivery;
using Parceler.Entitlements;
using Parceler.Jobs;
using Parceler.Operators;
using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.App;

/// <summary>Which parts a process runs.</summary>
internal sealed record Roles(bool Web, bool Worker, bool Scheduler)
{
    public static Roles Of(Role role) =>
        role == Role.Serve ? new(Web: true, Worker: true, Scheduler: true) : new(role == Role.Web, role == Role.Worker, role == Role.Scheduler);

    public override string ToString() => string.Join(" + ", Names());

    private IEnumerable<string> Names() => from role in new[] { (Web, "web"), (Worker, "worker"), (Scheduler, "scheduler") } where role.Item1 select role.Item2;
}

/// <summary>Everything that goes on behind the web server, from start to clean end.</summary>
internal sealed class BackgroundWork(IServiceProvider services, Roles roles, WorkerOptions options, ParcelerSettings settings, TimeProvider clock, ILogger<BackgroundWork> log) : BackgroundService
{
    private static readonly TimeSpan s_scanEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_writeUsesEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_forgetEvery = TimeSpan.FromHours(1);

    /// <summary>Loads what requests are decided from, before the first one comes in.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var feed = Get<ChangeFeed>();
        await Get<MaintenanceMode>().StartAsync(cancellationToken);
        await Get<WorkerRegister>().BuryDeadAsync(cancellationToken);
        if (roles.Web)
        {
            await Get<ScanSnapshots>().RunAsync(cancellationToken);
            Get<EntitlementCheck>().Exchange.HasOthers = () => Get<StandingSwitches>().IsShared;
            await Get<EntitlementCheck>().StartAsync(feed, cancellationToken);
            await Get<DeliveryLoop>().StartAsync(feed, cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(Loops(stoppingToken).ToList());

    private IEnumerable<Task> Loops(CancellationToken cancellation)
    {
        yield return Get<ChangeFeed>().RunAsync(cancellation);
        yield return Repeat.EveryAsync(s_scanEvery, Get<ScanSnapshots>().RunAsync, clock, log, cancellation);
        if (roles.Web)
        {
            yield return Get<DeliveryLoop>().RunAsync(cancellation);
            yield return Get<EntitlementCheck>().RunAsync(cancellation);
            yield return Repeat.EveryAsync(s_writeUsesEvery, Get<ApiTokens>().WriteUsesAsync, clock, log, cancellation);
        }

        if (roles.Worker)
        {
            yield return WriteRepositoryFilesAsync(cancellation);
            yield return Get<Worker>().RunAsync(options.Slots, cancellation);
        }

        if (roles.Scheduler)
        {
            yield return Get<Scheduler>().RunAsync(cancellation);
            yield return Repeat.EveryAsync(s_forgetEvery, ForgetAsync, clock, log, cancellation);
        }
    }

    // A crash may have come between a change and its copy in the storage.
    private async Task WriteRepositoryFilesAsync(CancellationToken cancellation)
    {
        foreach (var repository in await Get<RepositoryCatalog>().ListAsync(cancellation))
        {
            await Get<RepositoryFiles>().WriteAsync(repository.Name, cancellation);
        }
    }

    private async Task ForgetAsync(CancellationToken cancellation)
    {
        await Get<AuditLog>().ForgetAsync(clock.GetUtcNow() - settings.AuditKept, cancellation);
        await Get<OperatorSessions>().ForgetAsync(cancellation);
        await Get<AskedJobs>().ForgetAsync(cancellation);
    }

    private T Get<T>()
        where T : notnull => services.GetRequiredService<T>();
}
