using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Parceler.Database;
using Parceler.Jobs;

namespace Parceler.Delivery;

/// <summary>
/// Keeps readings over a restart and brings them to the other processes: written behind the requests, in batches.
/// </summary>
internal sealed partial class LeaseStore(ParcelerDb db, Readings readings, LeaseRule rule, TimeProvider clock, ILogger<LeaseStore> log) : IDisposable
{
    private const long RenewalsEvery = 60_000; // ms: the database need not know each renewal, but each is followed by one that it knows
    private static readonly TimeSpan s_batchEvery = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<Reader, Reading> _pending = new();
    private readonly SemaphoreSlim _flushing = new(1, 1);
    private bool _failing;

    /// <summary>A session started: from here on, what is written for a switch has it.</summary>
    public void NoteStart(in Reader reader, Reading reading)
    {
        reading.Note();
        _pending[reader] = reading;
    }

    /// <summary>A session was renewed.</summary>
    public void NoteRenewal(in Reader reader, Reading reading)
    {
        if (reading.Note())
        {
            _pending[reader] = reading;
        }
    }

    /// <summary>A session did not start after all.</summary>
    public void Forget(in Reader reader, Reading reading) => _pending.TryRemove(KeyValuePair.Create(reader, reading));

    /// <summary>Writes what is to be kept, until cancelled, and the rest then.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                await Task.Delay(s_batchEvery, clock, cancellation);
                await TryFlushAsync(FlushDueAsync, cancellation);
                readings.MakeRoom();
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await TryFlushAsync(FlushAsync, CancellationToken.None);
        }
    }

    /// <summary>Writes all that was noted before the call.</summary>
    public Task FlushAsync(CancellationToken cancellation) => FlushAsync(_ => true, cancellation);

    /// <summary>Writes what is to be written every few seconds.</summary>
    public Task FlushDueAsync(CancellationToken cancellation)
    {
        readings.NoticeClock();
        var now = clock.GetUtcNow().ToDb();
        return FlushAsync(reading => !reading.IsWritten || Math.Abs(now - reading.WrittenAt) >= RenewalsEvery, cancellation);
    }

    /// <summary>Writes what another server needs to know to decide on each session after a switch.</summary>
    public Task FlushForSwitchAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow().ToDb();
        return FlushAsync(reading => !reading.IsWritten || !rule.IsCertain(reading.Span, now), cancellation);
    }

    /// <summary>Removes what no session and no grace needs any more.</summary>
    public async Task PurgeAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        readings.Forget(now.ToDb());
        await db.WriteAsync(session => session.ExecuteAsync("delete from leases where renewed_at < @before", ("@before", (now - rule.Times.Hold).ToDb())), cancellation);
    }

    public void Dispose() => _flushing.Dispose();

    private async Task FlushAsync(Func<Reading, bool> isDue, CancellationToken cancellation)
    {
        await _flushing.WaitAsync(cancellation);
        try
        {
            var batch = _pending.Where(noted => isDue(noted.Value) && _pending.TryRemove(noted)).Select(noted => Taken(noted.Key, noted.Value)).ToList();
            if (batch.Count > 0)
            {
                await WriteAsync(batch, cancellation);
            }
        }
        finally
        {
            _flushing.Release();
        }
    }

    private static (Reading Reading, Lease Lease) Taken(Reader reader, Reading reading)
    {
        reading.TakeNote(); // first: a renewal from here on is noted anew
        return (reading, Readings.LeaseOf(reader, reading));
    }

    private async Task WriteAsync(List<(Reading Reading, Lease Lease)> batch, CancellationToken cancellation)
    {
        try
        {
            await db.WriteAsync(session => WriteAsync(session, batch.ConvertAll(entry => entry.Lease)), cancellation);
        }
        catch
        {
            batch.ForEach(entry => NoteAgain(entry.Lease.Reader, entry.Reading));
            throw;
        }

        batch.ForEach(entry => entry.Reading.Written(entry.Lease.Span.RenewedAt));
    }

    private void NoteAgain(Reader reader, Reading reading)
    {
        reading.Note();
        _pending.TryAdd(reader, reading); // a later one may be noted already
    }

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

    private async Task TryFlushAsync(Func<CancellationToken, Task> flush, CancellationToken cancellation)
    {
        try
        {
            await flush(cancellation);
            _failing = false;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (!_failing && e is not DatabaseException { IsOutage: true })
            {
                NotKept(log, e);
            }

            _failing = true;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The sessions of machines can't be written to the database; they are kept in memory and tried again")]
    private static partial void NotKept(ILogger log, Exception e);
}
