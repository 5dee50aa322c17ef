using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Parceler.Database;
using Parceler.Jobs;

namespace Parceler.Delivery;

/// <summary>
/// Keeps readings over a restart and brings them to the other processes: written behind the requests, in batches. While a
/// switch is announced, a session starts here before it starts in memory.
/// </summary>
internal sealed partial class LeaseStore(ParcelerDb db, Readings readings, LeaseRule rule, TimeProvider clock, ILogger<LeaseStore> log) : IDisposable
{
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
            $"select {LeaseRows.Columns}, revision from leases where revision > @seen and renewed_at > @from order by revision",
            row => (Lease: LeaseRows.Read(row), Revision: row.GetInt64(5)),
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
                var served = await session.FirstAsync("select case when served is null then null else served_since end from repositories where id = @id", row => row.NumberOrNull(0), ("@id", repository.Id));
                if (served != repository.Served?.SinceMilliseconds)
                {
                    return (false, null);
                }

                var known = await LeaseRows.FindAsync(session, reader);
                var decided = GoesOn(Merged(known, reader, now), repository, kind, now) ?? (starts ? new Lease(reader, served!.Value, new(now, now)) : null);
                if (decided is { } found)
                {
                    await LeaseRows.PutAsync(session, found, await LeaseRows.NextAsync(session));
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
        var revision = await LeaseRows.NextAsync(session);
        foreach (var lease in leases)
        {
            var merged = await LeaseRows.FindAsync(session, lease.Reader) is { } known ? Lease.Merge(known, lease, rule, now) : lease;
            await LeaseRows.PutAsync(session, merged, revision);
        }

        if (await session.FirstAsync("select count(*) from workers where role = @role", row => row.GetInt64(0), ("@role", ProcessRoles.Web)) > 1)
        {
            await session.AnnounceAsync(Topics.Leases);
        }
    }

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
