using System.Globalization;
using Microsoft.Extensions.Logging;
using Parceler.Database;

namespace Parceler.Jobs;

/// <summary>
/// Fires the schedule: once for each moment, whoever of several processes comes first; moments missed while nobody
/// ran count as one.
/// </summary>
internal sealed partial class Scheduler(
    ParcelerDb db,
    Schedule schedule,
    Func<DbSession, DateTimeOffset, Task> fire,
    Func<bool> isPaused,
    ChangeFeed feed,
    TimeProvider clock,
    ILogger<Scheduler> log
)
{
    private const string Setting = "schedule.fired";
    private static readonly TimeSpan s_skew = TimeSpan.FromMinutes(10); // another node's clock, which is no clock that was set back
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(10);

    public async Task RunAsync(CancellationToken cancellation)
    {
        await TickAsync(cancellation);
        await Repeat.EveryAsync(s_lookEvery, TickAsync, clock, log, cancellation);
    }

    /// <summary>Fires if a moment has come since the last time.</summary>
    public async Task TickAsync(CancellationToken cancellation)
    {
        if (!isPaused() && await db.WriteAsync(FireIfDueAsync, cancellation))
        {
            Fired(log);
            feed.Nudge();
        }
    }

    private async Task<bool> FireIfDueAsync(DbSession session)
    {
        var now = clock.GetUtcNow();
        var last = await session.FirstAsync("select value from settings where name = @name", row => row.GetString(0), ("@name", Setting));
        var fired = last is null ? null : (DateTimeOffset?)DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(last, CultureInfo.InvariantCulture));
        if (fired is not { } before || before - now > s_skew)
        {
            await RecordAsync(session, now); // the first start of all, when nothing was missed; or the clock was set back
            return false;
        }

        if (schedule.After(before) is not { } due || due > now)
        {
            return false;
        }

        await RecordAsync(session, now);
        await fire(session, now);
        return true;
    }

    private static Task<int> RecordAsync(DbSession session, DateTimeOffset now) =>
        session.ExecuteAsync(
            "insert into settings (name, value) values (@name, @value) on conflict (name) do update set value = excluded.value",
            ("@name", Setting),
            ("@value", now.ToDb().ToString(CultureInfo.InvariantCulture))
        );

    [LoggerMessage(Level = LogLevel.Information, Message = "The scheduled sync of all repositories is queued")]
    private static partial void Fired(ILogger log);
}
