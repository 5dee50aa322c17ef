using System.Globalization;
using Parceler.Database;

namespace Parceler.Jobs;

/// <summary>Which workers are alive. One that died on this machine is noticed by its process id, at once; one elsewhere by its lease.</summary>
internal sealed class WorkerRegister(ParcelerDb db, TimeProvider clock)
{
    private static readonly TimeSpan s_silentAfter = TimeSpan.FromSeconds(45);

    /// <summary>Name of this process as a worker: host, process id, and start of the process, since ids are used again.</summary>
    public static string ThisProcess { get; } = NameOf(Environment.MachineName, Environment.ProcessId, StartOf(Environment.ProcessId) ?? 0);

    public Task SayAliveAsync(string worker, CancellationToken cancellation) =>
        db.WriteAsync(
            session =>
                session.ExecuteAsync(
                    """
                    insert into workers (id, role, host, pid, last_seen) values (@id, 'worker', @host, @pid, @now)
                    on conflict (id) do update set last_seen = excluded.last_seen
                    """,
                    ("@id", worker),
                    ("@host", Environment.MachineName),
                    ("@pid", Environment.ProcessId),
                    ("@now", clock.GetUtcNow().ToDb())
                ),
            cancellation
        );

    public Task SayGoneAsync(string worker, CancellationToken cancellation) =>
        db.WriteAsync(session => session.ExecuteAsync("delete from workers where id = @id", ("@id", worker)), cancellation);

    /// <summary>Whether somebody is there to run a job.</summary>
    public async Task<bool> AnyAsync(CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        return (await ListAsync(session)).Exists(worker => !IsDead(worker));
    }

    /// <summary>Removes the workers that are gone and frees their jobs.</summary>
    public Task BuryDeadAsync(CancellationToken cancellation) =>
        db.WriteAsync(
            async session =>
            {
                foreach (var dead in (await ListAsync(session)).Where(IsDead))
                {
                    await session.ExecuteAsync("delete from workers where id = @id", ("@id", dead.Id));
                    await JobClaims.TakeBackFromAsync(session, dead.Id);
                }
            },
            cancellation
        );

    private static Task<List<Entry>> ListAsync(DbSession session) =>
        session.QueryAsync(
            "select id, host, pid, last_seen from workers",
            row => new Entry(row.GetString(0), row.GetString(1), row.GetInt32(2), row.Time(3))
        );

    private bool IsDead(Entry worker) =>
        worker.Host == Environment.MachineName
            ? StartOf(worker.ProcessId) is not { } start || NameOf(worker.Host, worker.ProcessId, start) != worker.Id
            : clock.GetUtcNow() - worker.LastSeen > s_silentAfter;

    private static string NameOf(string host, int processId, long start) =>
        string.Create(CultureInfo.InvariantCulture, $"{host}:{processId}:{start}");

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

    private sealed record Entry(string Id, string Host, int ProcessId, DateTimeOffset LastSeen);
}
