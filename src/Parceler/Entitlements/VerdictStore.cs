using System.Data.Common;
using Microsoft.Extensions.Logging;
using Parceler.Database;

namespace Parceler.Entitlements;

/// <summary>
/// Keeps allowances over a restart, written behind the requests in batches. A denial is kept only where it replaces an
/// allowance, and what was never allowed is not kept at all: invented credentials cost no row.
/// </summary>
internal sealed partial class VerdictStore(ParcelerDb db, EntitlementOptions options, TimeProvider clock, ILogger log) : IDisposable
{
    private static readonly TimeSpan BatchEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PurgeEvery = TimeSpan.FromHours(6);
    private readonly TimeSpan _keep = options.Tiers.Select(tier => tier.Ttl).Append(options.OutageGrace).Max();
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _work = new(0, 1);
    private readonly SemaphoreSlim _writing = new(1, 1);
    private Dictionary<MachineKey, Standing?> _pending = [];
    private DateTimeOffset _purgeAt;
    private bool _failing;

    public void Keep(Standing standing) => Note(standing.Machine, standing);

    public void Forget(MachineKey machine) => Note(machine, null);

    /// <summary>All that is kept, the newest first; those beyond <paramref name="most"/> are dropped, since nothing would replace them any more.</summary>
    public async Task<List<Standing>> LoadAsync(int most, CancellationToken cancellation)
    {
        await PurgeAsync(cancellation);
        await db.WriteAsync(session => session.ExecuteAsync(Surplus, ("@most", most)), cancellation);
        await using var session = await db.OpenAsync(cancellation);
        return await session.QueryAsync($"select {Columns} from verdicts order by asked_at desc", Read);
    }

    /// <summary>What any process has kept of a machine.</summary>
    public async Task<Standing?> FindAsync(MachineKey machine, CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        return await session.FirstAsync($"select {Columns} from verdicts where machine = @machine", Read, ("@machine", machine.AsSpan().ToArray()));
    }

    /// <summary>Waits until all that was to be kept until now is in the database: with all who wait, in one transaction.</summary>
    public async Task<bool> WrittenAsync(CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            await FlushAsync(cancellation);
            return true;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>The denials that any process has kept.</summary>
    public async Task<List<Standing>> LoadDenialsAsync(CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        return await session.QueryAsync($"select {Columns} from verdicts where allowed = 0", Read);
    }

    /// <summary>Writes what is to be kept, until cancelled, and the rest then.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                await _work.WaitAsync(cancellation);
                await TryFlushAsync(cancellation);
                await Task.Delay(BatchEvery, clock, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await TryFlushAsync(CancellationToken.None);
        }
    }

    public async Task FlushAsync(CancellationToken cancellation)
    {
        var batch = Take();
        try
        {
            if (batch.Count > 0)
            {
                await db.WriteAsync(session => WriteAsync(session, batch), cancellation);
            }
        }
        catch
        {
            PutBack(batch);
            throw;
        }

        if (clock.GetUtcNow() >= _purgeAt)
        {
            await PurgeAsync(cancellation);
        }
    }

    public void Dispose()
    {
        _work.Dispose();
        _writing.Dispose();
    }

    private const string Surplus = "delete from verdicts where machine in (select machine from verdicts order by asked_at desc limit 1000000000 offset @most)";
    private const string Columns = "machine, tier, allowed, reason, asked_at, until, valid_until";

    private static Standing Read(DbDataReader row) =>
        new(
            new((byte[])row.GetValue(0)),
            TierName.Parse(row.GetString(1)),
            row.GetInt64(2) == 0 ? LastWord.Denied : LastWord.Allowed,
            row.Time(4),
            row.Time(5),
            row.TimeOrNull(6),
            row.TextOrNull(3)
        );

    private static async Task WriteAsync(DbSession session, Dictionary<MachineKey, Standing?> batch)
    {
        foreach (var (machine, standing) in batch)
        {
            await (standing is null ? DeleteAsync(session, machine) : SaveAsync(session, standing));
        }

        if (batch.Values.Any(standing => standing is { Word: LastWord.Denied }))
        {
            await session.AnnounceAsync(Topics.Verdicts);
        }
    }

    private static Task<int> DeleteAsync(DbSession session, MachineKey machine) =>
        session.ExecuteAsync("delete from verdicts where machine = @machine", ("@machine", machine.AsSpan().ToArray()));

    // Of two processes' words the later one stays.
    private static Task<int> SaveAsync(DbSession session, Standing standing) =>
        session.ExecuteAsync(
            $"""
            insert into verdicts ({Columns}) values (@machine, @tier, @allowed, @reason, @asked_at, @until, @valid_until)
            on conflict (machine) do update set allowed = excluded.allowed, reason = excluded.reason, asked_at = excluded.asked_at,
                until = excluded.until, valid_until = excluded.valid_until
            where excluded.asked_at >= verdicts.asked_at
            """,
            ("@machine", standing.Machine.AsSpan().ToArray()),
            ("@tier", standing.Tier.ToString()),
            ("@allowed", standing.Word is LastWord.Allowed ? 1 : 0),
            ("@reason", standing.Reason),
            ("@asked_at", standing.AskedAt.ToDb()),
            ("@until", standing.Until.ToDb()),
            ("@valid_until", standing.ValidUntil.ToDb())
        );

    private async Task PurgeAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        await db.WriteAsync(session => session.ExecuteAsync("delete from verdicts where asked_at < @before", ("@before", (now - _keep).ToDb())), cancellation);
        _purgeAt = now + PurgeEvery;
    }

    private async Task TryFlushAsync(CancellationToken cancellation)
    {
        try
        {
            await WrittenAsync(cancellation);
            _failing = false;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (!_failing && e is not DatabaseException { IsOutage: true })
            {
                NotKept(log, e);
            }

            _failing = true;
            Wake();
        }
    }

    private void Note(MachineKey machine, Standing? standing)
    {
        lock (_gate)
        {
            _pending[machine] = standing;
        }

        Wake();
    }

    private void Wake()
    {
        try
        {
            _work.Release();
        }
        catch (SemaphoreFullException)
        {
            // awake already
        }
    }

    private Dictionary<MachineKey, Standing?> Take()
    {
        lock (_gate)
        {
            var batch = _pending;
            _pending = [];
            return batch;
        }
    }

    private void PutBack(Dictionary<MachineKey, Standing?> batch)
    {
        lock (_gate)
        {
            foreach (var (machine, standing) in batch)
            {
                _pending.TryAdd(machine, standing);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The verdicts can't be written to the database; they are kept in memory and tried again every second")]
    private static partial void NotKept(ILogger log, Exception e);
}
