using Parceler.Database;
using Parceler.Jobs;
using Parceler.Repositories;

namespace Parceler.Releases;

/// <summary>What the schedule asks for: a sync of every repository, one after the other, and the collector when they are through.</summary>
internal sealed class DailyJobs(JobQueue queue)
{
    private static readonly TimeSpan s_apart = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_within = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan s_collectAfter = TimeSpan.FromHours(1);

    public async Task EnqueueAsync(DbSession session, DateTimeOffset now)
    {
        var names = await session.QueryAsync("select name from repositories order by name", row => RepositoryName.Parse(row.GetString(0)));
        var apart = names.Count * s_apart > s_within ? s_within / names.Count : s_apart;
        for (var i = 0; i < names.Count; i++)
        {
            await queue.EnqueueAsync(session, JobKinds.SyncOf(names[i]) with { NotBefore = now + (i * apart) });
        }

        await queue.EnqueueAsync(session, JobKinds.CollectGarbage() with { NotBefore = now + s_collectAfter });
    }
}
