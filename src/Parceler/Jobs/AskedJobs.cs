using Parceler.Database;

namespace Parceler.Jobs;

/// <summary>Jobs that were asked for under a key of the asker's own: asked again under it, the answer is the same job, whatever became of it.</summary>
internal sealed class AskedJobs(ParcelerDb db, JobQueue queue, ChangeFeed feed, TimeProvider clock)
{
    private static readonly TimeSpan s_keep = TimeSpan.FromDays(1);

    /// <returns>Null when the key stands for another request.</returns>
    public async Task<long?> EnqueueAsync(string who, string? key, JobRequest request, CancellationToken cancellation)
    {
        if (key is null)
        {
            return await queue.EnqueueAsync(request, cancellation);
        }

        var job = await db.WriteAsync(session => EnqueueAsync(session, who, key, request), cancellation);
        feed.Nudge();
        return job;
    }

    public Task ForgetAsync(CancellationToken cancellation) =>
        db.WriteAsync(session => session.ExecuteAsync("delete from asked_jobs where asked_at < @before", ("@before", (clock.GetUtcNow() - s_keep).ToDb())), cancellation);

    private async Task<long?> EnqueueAsync(DbSession session, string who, string key, JobRequest request)
    {
        var text = $"{request.Kind} {request.Subject} {request.Payload}";
        var asked = await session.QueryAsync(
            "select request, job_id from asked_jobs where who = @who and key = @key and asked_at >= @since",
            row => (Request: row.GetString(0), Job: row.GetInt64(1)),
            ("@who", who),
            ("@key", key),
            ("@since", (clock.GetUtcNow() - s_keep).ToDb())
        );
        if (asked is [var same])
        {
            return same.Request == text ? same.Job : null;
        }

        var job = await queue.AskAsync(session, request);
        await session.ExecuteAsync(
            """
            insert into asked_jobs (who, key, request, job_id, asked_at) values (@who, @key, @request, @job, @now)
            on conflict (who, key) do update set request = excluded.request, job_id = excluded.job_id, asked_at = excluded.asked_at
            """,
            ("@who", who),
            ("@key", key),
            ("@request", text),
            ("@job", job),
            ("@now", clock.GetUtcNow().ToDb())
        );
        return job;
    }
}
