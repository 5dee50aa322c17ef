using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Extensions.Logging;
using Parceler.Database;
using Parceler.Entitlements;
using Parceler.Jobs;

namespace Parceler.Delivery;

/// <summary>
/// Keeps readings over a restart and brings them to the other processes: written behind the requests, in batches. While a
/// switch is announced, a session starts here before it starts in memory.
/// </summary>
internal sealed partial class LeaseStore(ParcelerDb db, Readings readings, LeaseRule rule, TimeProvider clock, ILogger<LeaseStore> log) : IDisposable
{
    private const string Sequence = "lease-number"; // a topic that nobody follows
    private const long RenewalsEvery = 60_000; // ms
    private static readonly TimeSpan s_batchEvery = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<Reader, Reading> _pending = new();
    private readonly SemaphoreSlim _flushing = new(1, 1);
    private bool _failing;
    private long _seen;

    /// <summary>A session started.</summary>
    public void Note(in Reader reader, Reading reading) => _pending[reader] = reading;

    /// <summary>A session was renewed; the database need not know each time.</summary>
    public void NoteRenewal(in Reader reader, Reading reading, long now)
    {
        if (now - reading.WrittenAt >= RenewalsEvery)
        {
            _pending.TryAdd(reader, reading);
        }
    }

    /// <summary>Writes what is to be kept, until cancelled, and the rest then.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                await Task.Delay(s_batchEvery, clock, cancellation);
                await TryFlushAsync(cancellation);
                readings.MakeRoom();
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await TryFlushAsync(CancellationToken.None);
        }
    }

    /// <summary>Writes all that was noted before the call.</summary>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        await _flushing.WaitAsync(cancellation);
        try
        {
            var batch = _pending.Select(noted => (Noted: noted, Lease: Readings.LeaseOf(noted.Key, noted.Value))).ToList();
            if (batch.Count == 0)
            {
                return;
            }

            await db.WriteAsync(session => WriteAsync(session, batch.ConvertAll(entry => entry.Lease)), cancellation);
            foreach (var (noted, lease) in batch)
            {
                noted.Value.Written(lease.Span.RenewedAt);
                _pending.TryRemove(noted);
            }
        }
        finally
        {
            _flushing.Release();
        }
    }

    /// <summary>Takes over what any process wrote since the last call; at first all that is still in grace.</summary>
    public async Task LoadAsync(IReadOnlyDictionary<string, ServedRepository> repositories, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        await using var session = await db.OpenAsync(cancellation);
        var rows = await session.QueryAsync(
            $"select {Columns}, revision from leases where revision > @seen and renewed_at > @from order by revision",
            row => (Lease: Read(row), Revision: row.GetInt64(5)),
            ("@seen", _seen),
            ("@from", (now - rule.Times.Hold).ToDb())
        );
        foreach (var (lease, revision) in rows)
        {
            var repository = repositories.GetValueOrDefault(lease.Reader.RepositoryId);
            if (repository?.ServingSince(lease.Since) is { } serving)
            {
                readings.Take(lease, serving, now.ToDb());
            }
            else if (!(lease.Since <= repository?.Served?.SinceMilliseconds))
            {
                break; // of a switch that came after the repositories were read: the next call takes it
            }

            _seen = revision;
        }
    }

    /// <summary>Lets the database decide on a machine's session: the one that any server started goes on, or one starts.</summary>
    /// <param name="starts">Whether the request starts a session if none goes on.</param>
    /// <returns>False when another snapshot is served meanwhile: the map has to be brought up first.</returns>
    public async Task<bool> TryAskAsync(ServedRepository repository, Reader reader, PathKind kind, bool starts, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow().ToDb();
        var (isCurrent, lease) = await db.WriteAsync(
            async session =>
            {
                var served = await session.FirstAsync("select served_since from repositories where id = @id", row => row.NumberOrNull(0), ("@id", repository.Id));
                if (served != repository.Served?.SinceMilliseconds)
                {
                    return (false, null);
                }

                var known = await FindAsync(session, reader);
                var decided = GoesOn(Merged(known, reader, now), repository, kind, now) ?? (starts ? new Lease(reader, served!.Value, new(now, now)) : null);
                if (decided is { } found)
                {
                    await PutAsync(session, found, await NextAsync(session));
                }

                return (true, decided);
            },
            cancellation
        );
        if (lease is { } put)
        {
            readings.Put(put, repository.ServingSince(put.Since)!);
        }

        return isCurrent;
    }

    /// <summary>Removes what no session and no grace needs any more.</summary>
    public async Task PurgeAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        readings.Forget(now.ToDb());
        await db.WriteAsync(session => session.ExecuteAsync("delete from leases where renewed_at < @before", ("@before", (now - rule.Times.Hold).ToDb())), cancellation);
    }

    public void Dispose() => _flushing.Dispose();

    private const string Columns = "repository_id, machine, since, started_at, renewed_at";

    private static Lease Read(DbDataReader row) =>
        new(new(row.GetString(0), new MachineKey((byte[])row.GetValue(1))), row.GetInt64(2), new(row.GetInt64(3), row.GetInt64(4)));

    // What the database knows and what this server knows.
    private Lease? Merged(Lease? known, Reader reader, long now)
    {
        var own = readings.Find(reader) is { Serving.IsOver: false } reading ? Readings.LeaseOf(reader, reading) : (Lease?)null;
        return known is { } stored && own is { } here ? Lease.Merge(stored, here, rule, now) : known ?? own;
    }

    private Lease? GoesOn(Lease? lease, ServedRepository repository, PathKind kind, long now) =>
        lease is not { } known || !rule.IsLive(known.Span, kind, now) || repository.ServingSince(known.Since) is null ? null
        : kind == PathKind.LatestRelease ? known
        : known with { Span = known.Span with { RenewedAt = now } };

    private async Task WriteAsync(DbSession session, List<Lease> leases)
    {
        var now = clock.GetUtcNow().ToDb();
        var revision = await NextAsync(session);
        foreach (var lease in leases)
        {
            var merged = await FindAsync(session, lease.Reader) is { } known ? Lease.Merge(known, lease, rule, now) : lease;
            await PutAsync(session, merged, revision);
        }

        if (await session.FirstAsync("select count(*) from workers where role = @role", row => row.GetInt64(0), ("@role", ProcessRoles.Web)) > 1)
        {
            await session.AnnounceAsync(Topics.Leases);
        }
    }

    private static Task<Lease?> FindAsync(DbSession session, Reader reader) =>
        session.FirstAsync<Lease?>(
            $"select {Columns} from leases where repository_id = @id and machine = @machine",
            row => Read(row),
            ("@id", reader.RepositoryId),
            ("@machine", reader.Machine.AsSpan().ToArray())
        );

    // A repository that was deleted meanwhile takes no leases.
    private static Task<int> PutAsync(DbSession session, Lease lease, long revision) =>
        session.ExecuteAsync(
            $"""
            insert into leases ({Columns}, revision) select id, @machine, @since, @started, @renewed, @revision from repositories where id = @id
            on conflict (repository_id, machine) do update set since = excluded.since, started_at = excluded.started_at,
                renewed_at = excluded.renewed_at, revision = excluded.revision
            """,
            ("@id", lease.Reader.RepositoryId),
            ("@machine", lease.Reader.Machine.AsSpan().ToArray()),
            ("@since", lease.Since),
            ("@started", lease.Span.StartedAt),
            ("@renewed", lease.Span.RenewedAt),
            ("@revision", revision)
        );

    private static Task<long> NextAsync(DbSession session) =>
        session.FirstAsync(
            "insert into revisions (topic, revision) values (@topic, 1) on conflict (topic) do update set revision = revisions.revision + 1 returning revision",
            row => row.GetInt64(0),
            ("@topic", Sequence)
        );

    private async Task TryFlushAsync(CancellationToken cancellation)
    {
        try
        {
            await FlushAsync(cancellation);
            _failing = false;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (!_failing)
            {
                NotKept(log, e);
            }

            _failing = true;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The sessions of machines can't be written to the database; they are kept in memory and tried again")]
    private static partial void NotKept(ILogger log, Exception e);
}
