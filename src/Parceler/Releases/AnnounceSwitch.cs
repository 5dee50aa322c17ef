using Microsoft.Extensions.Logging;
using Parceler.Database;
using Parceler.Jobs;

namespace Parceler.Releases;

/// <summary>A switch that is about to come.</summary>
internal sealed record AnnouncedSwitch(long Id, string RepositoryId);

/// <summary>
/// Tells the web servers that another snapshot of a repository is about to be served, and waits until each of them has brought
/// its sessions into the database: so the switch finds all of them, and a machine's session goes on wherever it asks.
/// </summary>
internal sealed partial class AnnounceSwitch(ParcelerDb db, WorkerRegister register, ChangeFeed feed, TimeProvider clock, ILogger<AnnounceSwitch> log)
{
    private static readonly TimeSpan s_void = TimeSpan.FromSeconds(30); // the process that announced it died
    private static readonly TimeSpan s_waitAtMost = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(10);

    /// <summary>Returns when the switch may be committed; disposing ends the announcement. Never to be called by a subscriber of changes: it would wait for itself.</summary>
    public async Task<IAsyncDisposable> RunAsync(string repositoryId, CancellationToken cancellation)
    {
        var id = await db.WriteAsync(session => AnnounceAsync(session, repositoryId), cancellation);
        var announced = new Announced(this, id);
        try
        {
            await feed.LookAsync(cancellation); // this process may deliver, too
            await WaitAsync(id, repositoryId, cancellation);
            return announced;
        }
        catch
        {
            await announced.DisposeAsync();
            throw;
        }
    }

    /// <summary>The switches that are announced now.</summary>
    public static Task<List<AnnouncedSwitch>> ListAsync(DbSession session, DateTimeOffset now) =>
        session.QueryAsync(
            "select id, repository_id from announced_switches where announced_at between @from and @to",
            row => new AnnouncedSwitch(row.GetInt64(0), row.GetString(1)),
            ("@from", (now - s_void).ToDb()),
            ("@to", (now + s_void).ToDb())
        );

    private async Task<long> AnnounceAsync(DbSession session, string repositoryId)
    {
        var now = clock.GetUtcNow();
        await session.ExecuteAsync(
            "delete from announced_switches where announced_at not between @from and @to",
            ("@from", (now - s_void).ToDb()),
            ("@to", (now + s_void).ToDb())
        );
        var id = await session.FirstAsync(
            "insert into announced_switches (repository_id, announced_at) select id, @now from repositories where id = @id returning id",
            row => row.GetInt64(0),
            ("@id", repositoryId),
            ("@now", now.ToDb())
        );
        await session.AnnounceAsync(Topics.Switches);
        return id;
    }

    // Other processes answer in real time, whatever clock this one has.
    private async Task WaitAsync(long id, string repositoryId, CancellationToken cancellation)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (await SilentAsync(id, cancellation) is { Count: > 0 } silent)
        {
            if (TimeProvider.System.GetElapsedTime(began) > s_waitAtMost)
            {
                WentOn(log, repositoryId, string.Join(", ", silent));
                return;
            }

            await Task.Delay(s_look, TimeProvider.System, cancellation);
        }
    }

    private async Task<List<string>> SilentAsync(long id, CancellationToken cancellation)
    {
        var alive = await register.AliveAsync(ProcessRoles.Web, cancellation);
        await using var session = await db.OpenAsync(cancellation);
        var seen = await session.QueryAsync("select process from announced_switches_seen where switch_id = @id", row => row.GetString(0), ("@id", id));
        return [.. alive.Except(seen)];
    }

    private async Task EndAsync(long id)
    {
        await db.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("delete from announced_switches where id = @id", ("@id", id));
                await session.AnnounceAsync(Topics.Switches);
            },
            CancellationToken.None
        );
        feed.Nudge();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The switch of repository {Repository} goes on without {Silent}: machines in the middle of an update there may see two snapshots")]
    private static partial void WentOn(ILogger log, string repository, string silent);

    private sealed class Announced(AnnounceSwitch announce, long id) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await announce.EndAsync(id);
    }
}
