using Parceler.Database;
using Parceler.Delivery;
using Parceler.Jobs;
using Parceler.Releases;
using Parceler.Repositories;

namespace Parceler.App.Telemetry;

/// <summary>Looks at the repositories and the queue now and then, so that a scrape asks no database.</summary>
internal sealed class RepositoryWatch(ParcelerDb db, RepositoryCatalog repositories, CurrentDeliveryMap map, Roles roles, TimeProvider clock, ILogger<RepositoryWatch> log) : BackgroundService
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(10);
    private volatile IReadOnlyList<RepositoryState> _repositories = [];
    private volatile IReadOnlyList<(string State, long Count)> _jobs = [];

    public IReadOnlyList<RepositoryState> Repositories => _repositories;

    /// <summary>How many jobs wait and run.</summary>
    public IReadOnlyList<(string State, long Count)> Jobs => _jobs;

    public async Task LookAsync(CancellationToken cancellation)
    {
        var listed = await repositories.ListAsync(cancellation);
        await using var session = await db.OpenAsync(cancellation);
        var syncs = await CountsAsync(
            session,
            $"select subject, max(finished_at), cast(0 as bigint) from jobs where kind in ('{JobKinds.Sync}', '{JobKinds.Release}') and state = 'succeeded' group by subject"
        );
        var snapshots = await CountsAsync(session, "select repository_id, count(*), cast(sum(missing) as bigint) from snapshots group by repository_id");
        var newest = await CountsAsync(session, "select repository_id, max(instant), cast(0 as bigint) from snapshots where pinned = 0 group by repository_id");
        var jobs = await CountsAsync(session, "select state, count(*), cast(0 as bigint) from jobs where state in ('waiting', 'running') group by state");
        _jobs = [("waiting", jobs.GetValueOrDefault("waiting").First), ("running", jobs.GetValueOrDefault("running").First)];
        _repositories = [.. listed.Select(repository => StateOf(
            repository,
            Latest(syncs.GetValueOrDefault(repository.Name.ToString()).First / 1000.0, newest.GetValueOrDefault(repository.Id).First),
            snapshots.GetValueOrDefault(repository.Id)))];
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await LookAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Repeat.EveryAsync(s_every, LookAsync, clock, log, stoppingToken);

    private RepositoryState StateOf(Repository repository, double? lastSync, (long First, long Second) snapshots) =>
        new(repository, lastSync, (int)snapshots.First, (int)snapshots.Second, roles.Web ? IsServed(repository) : null);

    private bool IsServed(Repository repository) =>
        repository.Served is { } due && map.Map.TryFind(repository.Name.ToString(), out var known) && known.Served?.Tree.Instant.UnixSeconds == due;

    // The history of jobs is lost with a database, and a snapshot can be deleted: either tells of a sync.
    private static double? Latest(double job, long snapshot) => Math.Max(job, snapshot) is > 0 and var latest ? latest : null;

    private static async Task<Dictionary<string, (long First, long Second)>> CountsAsync(DbSession session, string sql) =>
        (await session.QueryAsync(sql, row => (Key: row.GetString(0), First: row.GetInt64(1), Second: row.GetInt64(2)))).ToDictionary(row => row.Key, row => (row.First, row.Second));
}
