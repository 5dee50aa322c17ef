using System.Globalization;
using Parceler.Database;

namespace Parceler.Jobs;

/// <summary>The roles that are registered.</summary>
internal static class ProcessRoles
{
    public const string Worker = "worker";
    public const string Web = "web";
}

/// <summary>Which workers and web servers are alive. One that died on this machine is noticed by its process id, at once; one elsewhere by its silence.</summary>
internal sealed class WorkerRegister(ParcelerDb db, TimeProvider clock)
{
    private static readonly TimeSpan s_silentAfter = TimeSpan.FromSeconds(45);

    /// <summary>This machine, in this boot and this space of process ids.</summary>
    public static string ThisHost { get; } = HostOf(Environment.MachineName);

    /// <summary>Name of this process as a worker: host, process id, and start of the process, since ids are used again.</summary>
    public static string ThisProcess { get; } = NameOf(ThisHost, Environment.ProcessId, StartOf(Environment.ProcessId) ?? 0);

    public Task SayAliveAsync(string id, string role, CancellationToken cancellation) =>
        db.WriteAsync(
            session =>
                session.ExecuteAsync(
                    """
                    insert into workers (id, role, host, pid, last_seen) values (@id, @role, @host, @pid, @now)
                    on conflict (id, role) do update set last_seen = excluded.last_seen
                    """,
                    ("@id", id),
                    ("@role", role),
                    ("@host", ThisHost),
                    ("@pid", Environment.ProcessId),
                    ("@now", clock.GetUtcNow().ToDb())
                ),
            cancellation
        );

    public Task SayGoneAsync(string id, string role, CancellationToken cancellation) =>
        db.WriteAsync(session => RemoveAsync(session, id, role), cancellation);

    /// <summary>Whether somebody is there to run a job.</summary>
    public async Task<bool> AnyAsync(CancellationToken cancellation) => (await AliveAsync(ProcessRoles.Worker, cancellation)).Count > 0;

    /// <summary>Who is alive in a role.</summary>
    public async Task<List<string>> AliveAsync(string role, CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        return [.. from entry in await ListAsync(session) where entry.Role == role && !IsDead(entry) select entry.Id];
    }

    /// <summary>Removes those that are gone and frees the jobs of workers.</summary>
    public Task BuryDeadAsync(CancellationToken cancellation) =>
        db.WriteAsync(
            async session =>
            {
                foreach (var dead in (await ListAsync(session)).Where(IsDead))
                {
                    await RemoveAsync(session, dead.Id, dead.Role);
                    if (dead.Role == ProcessRoles.Worker)
                    {
                        await JobClaims.TakeBackFromAsync(session, dead.Id);
                    }
                }
            },
            cancellation
        );

    private static Task<List<Entry>> ListAsync(DbSession session) =>
        session.QueryAsync(
            "select id, role, host, pid, last_seen from workers",
            row => new Entry(row.GetString(0), row.GetString(1), row.GetString(2), row.Int(3), row.Time(4))
        );

    private static Task<int> RemoveAsync(DbSession session, string id, string role) =>
        session.ExecuteAsync("delete from workers where id = @id and role = @role", ("@id", id), ("@role", role));

    // A web server's id has its number in the process behind the name.
    private bool IsDead(Entry entry) =>
        entry.Host == ThisHost
            ? StartOf(entry.ProcessId) is not { } start || NameOf(entry.Host, entry.ProcessId, start) != entry.Id.Split('/')[0]
            : clock.GetUtcNow() - entry.LastSeen > s_silentAfter;

    private static string NameOf(string host, int processId, long start) =>
        string.Create(CultureInfo.InvariantCulture, $"{host}:{processId}:{start}");

    // Process ids mean nothing to another machine of the same name, nor in another container of this one.
    private static string HostOf(string machine)
    {
        try
        {
            var boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
            return $"{machine}-{boot[..8]}-{new FileInfo("/proc/self/ns/pid").LinkTarget?.Trim(':', '[', ']', 'p', 'i', 'd')}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return machine;
        }
    }

    // Field 22 of /proc/PID/stat: clock ticks since boot (proc(5)). The name in field 2 may hold blanks and brackets.
    private static long? StartOf(int processId)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed record Entry(string Id, string Role, string Host, int ProcessId, DateTimeOffset LastSeen);
}
