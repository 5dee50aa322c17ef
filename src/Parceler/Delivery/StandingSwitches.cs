using System.Collections.Frozen;
using Parceler.Database;
using Parceler.Jobs;
using Parceler.Releases;

namespace Parceler.Delivery;

/// <summary>
/// The announced switches as this process knows them. One is acknowledged when all sessions that started here before are in
/// the database; from then on they start there, until the announcement is gone.
/// </summary>
internal sealed class StandingSwitches(ParcelerDb db, LeaseStore leases, TimeProvider clock)
{
    private static int s_count;
    private readonly HashSet<long> _seen = [];
    private volatile FrozenSet<string> _repositories = FrozenSet<string>.Empty;
    private volatile bool _isShared;

    /// <summary>Name of this web server, of which a process has one.</summary>
    public string Process { get; } = $"{WorkerRegister.ThisProcess}/{Interlocked.Increment(ref s_count)}";

    /// <summary>Whether machines may ask another web server, too.</summary>
    public bool IsShared => _isShared;

    public bool Any => _repositories.Count > 0;

    public bool StandsFor(string repositoryId) => _repositories.Count > 0 && _repositories.Contains(repositoryId);

    /// <summary>Takes over and acknowledges what is announced.</summary>
    /// <returns>The repositories for which a switch stands; the others are left once the map is brought up.</returns>
    public async Task<FrozenSet<string>> TakeAsync(CancellationToken cancellation)
    {
        var standing = await ListAsync(cancellation);
        var repositories = standing.Select(s => s.RepositoryId).ToFrozenSet();
        _repositories = _repositories.Union(repositories).ToFrozenSet();
        Interlocked.MemoryBarrier(); // a session that starts now sees it, or is among what is written here
        var fresh = standing.FindAll(s => !_seen.Contains(s.Id));
        if (fresh.Count > 0)
        {
            await leases.FlushForSwitchAsync(cancellation);
            await db.WriteAsync(session => AcknowledgeAsync(session, fresh), cancellation);
        }

        _seen.Clear();
        _seen.UnionWith(standing.Select(s => s.Id));
        return repositories;
    }

    public void LeaveAllBut(FrozenSet<string> standing) => _repositories = standing;

    private async Task<List<AnnouncedSwitch>> ListAsync(CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        _isShared = await session.FirstAsync("select count(*) from workers where role = @role", row => row.GetInt64(0), ("@role", ProcessRoles.Web)) > 1;
        return await AnnounceSwitch.ListAsync(session, clock.GetUtcNow());
    }

    private async Task AcknowledgeAsync(DbSession session, List<AnnouncedSwitch> announced)
    {
        foreach (var one in announced)
        {
            await session.ExecuteAsync(
                "insert into announced_switches_seen (switch_id, process) select id, @process from announced_switches where id = @id on conflict do nothing",
                ("@id", one.Id),
                ("@process", Process)
            );
        }
    }
}
