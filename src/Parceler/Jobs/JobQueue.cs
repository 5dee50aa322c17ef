using System.Text.Json.Nodes;
using Parceler.Audit;
using Parceler.Database;

namespace Parceler.Jobs;

/// <summary>The durable queue: what waits, runs, and was done. Entering it is part of the caller's transaction, so a job exists exactly when its cause does.</summary>
internal sealed class JobQueue(ParcelerDb db, ChangeFeed feed, TimeProvider clock)
{
    public async Task<long> EnqueueAsync(JobRequest request, CancellationToken cancellation)
    {
        var id = await db.WriteAsync(session => AskAsync(session, request), cancellation);
        feed.Nudge();
        return id;
    }

    /// <summary>Queues a job that somebody asks for by itself, not as a part of another change.</summary>
    public async Task<long> AskAsync(DbSession session, JobRequest request)
    {
        var id = await EnqueueAsync(session, request);
        await AuditLog.WriteAsync(session, RepositoryOf(request.Subject), null, StateOf(id, request.Kind, null));
        return id;
    }

    /// <summary>
    /// Queues a job and returns its number. One of the same kind, subject and input that waits for its first try is the same
    /// request; one that waits for a retry is replaced by it.
    /// </summary>
    public async Task<long> EnqueueAsync(DbSession session, JobRequest request)
    {
        var now = clock.GetUtcNow();
        var notBefore = request.NotBefore ?? now;
        if (request.Merges && await MergeAsync(session, request, now, notBefore) is { } same)
        {
            return same;
        }

        var id = await InsertAsync(session, request, now, notBefore);
        await session.AnnounceAsync(Topics.Jobs);
        return id;
    }

    public async Task<Job?> FindAsync(long id, CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        return await session.FirstAsync($"select {JobRow.Columns} from jobs where id = @id", JobRow.Read, ("@id", id));
    }

    /// <summary>The newest jobs, newest first; of one subject if it is given.</summary>
    public Task<List<Job>> ListAsync(string? subject, int most, CancellationToken cancellation) => ListAsync(subject, below: null, most, cancellation);

    /// <param name="below">Only those with a smaller number: to go on where the last look ended.</param>
    public async Task<List<Job>> ListAsync(string? subject, long? below, int most, CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        return await session.QueryAsync(
            $"select {JobRow.Columns} from jobs where (cast(@subject as text) is null or subject = @subject) and id < @below order by id desc limit @most",
            JobRow.Read,
            ("@subject", subject),
            ("@below", below ?? long.MaxValue),
            ("@most", most)
        );
    }

    /// <summary>The last job of one of these kinds per subject that has run or runs: by subject.</summary>
    public async Task<Dictionary<string, Job>> LastAsync(IReadOnlyList<string> kinds, CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        var names = kinds.Select((kind, i) => ($"@kind{i}", (object?)kind)).ToArray();
        var rows = await session.QueryAsync(
            $"""
            select {JobRow.Columns} from jobs where id in (
                select max(id) from jobs where kind in ({string.Join(", ", names.Select(n => n.Item1))}) and tries > 0 and state <> 'cancelled' group by subject)
            """,
            JobRow.Read,
            names
        );
        return rows.ToDictionary(job => job.Subject);
    }

    /// <summary>The lines of a job's log after line <paramref name="after"/>.</summary>
    public async Task<List<JobLine>> LogAsync(long id, long after, CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        return await session.QueryAsync(
            "select number, try, at, line from job_log where job_id = @id and number > @after order by number",
            JobRow.ReadLine,
            ("@id", id),
            ("@after", after)
        );
    }

    /// <summary>Queues a job again that has failed or was cancelled, in place of those that wait for the same; false when it is neither.</summary>
    public async Task<bool> RetryAsync(long id, CancellationToken cancellation)
    {
        var queued = await db.WriteAsync(session => RetryAsync(session, id), cancellation);
        feed.Nudge();
        return queued;
    }

    /// <summary>Takes a waiting job out, or asks a running one to end; false when it is over already.</summary>
    public Task<bool> CancelAsync(long id, CancellationToken cancellation) =>
        ChangeAsync(
            """
            update jobs set cancel_requested = 1,
                state = case state when 'waiting' then 'cancelled' else state end,
                finished_at = case state when 'waiting' then @now else finished_at end
            where id = @id and state in ('waiting', 'running')
            """,
            id,
            cancellation
        );

    /// <summary>Does the same for every job on a subject, in the caller's transaction.</summary>
    public async Task CancelSubjectAsync(DbSession session, string subject)
    {
        await session.ExecuteAsync(
            """
            update jobs set cancel_requested = 1,
                state = case state when 'waiting' then 'cancelled' else state end,
                finished_at = case state when 'waiting' then @now else finished_at end
            where subject = @subject and state in ('waiting', 'running')
            """,
            ("@subject", subject),
            ("@now", clock.GetUtcNow().ToDb())
        );
        await session.AnnounceAsync(Topics.Jobs);
    }

    /// <summary>Drops jobs that ended before <paramref name="before"/>, but for the last of each kind and subject.</summary>
    public Task ForgetOldAsync(DateTimeOffset before, CancellationToken cancellation) =>
        db.WriteAsync(
            session =>
                session.ExecuteAsync(
                    "delete from jobs where finished_at < @before and state <> 'waiting' and id not in (select max(id) from jobs group by kind, subject)",
                    ("@before", before.ToDb())
                ),
            cancellation
        );

    private async Task<bool> RetryAsync(DbSession session, long id)
    {
        var job = await session.FirstAsync($"select {JobRow.Columns} from jobs where id = @id and state in ('failed', 'cancelled')", JobRow.Read, ("@id", id));
        if (job is null)
        {
            return false;
        }

        foreach (var same in await WaitingAsync(session, new(job.Kind, job.Subject, job.Payload)))
        {
            await CancelWaitingAsync(session, same.Id, $"replaced by job {id}");
        }

        await session.ExecuteAsync(
            "update jobs set state = 'waiting', tries = 0, takeovers = 0, not_before = @now, give_up_at = null, cancel_requested = 0, error = null, finished_at = null where id = @id",
            ("@id", id),
            ("@now", clock.GetUtcNow().ToDb())
        );
        await AuditLog.WriteAsync(session, RepositoryOf(job.Subject), StateOf(id, job.Kind, job.State), StateOf(id, job.Kind, JobState.Waiting));
        await session.AnnounceAsync(Topics.Jobs);
        return true;
    }

    private static string? RepositoryOf(string subject) => subject.Length == 0 ? null : subject;

    private static JsonObject StateOf(long id, string kind, JobState? state) =>
        state is { } known ? new() { ["job"] = id, ["kind"] = kind, ["state"] = known.InDb() } : new() { ["job"] = id, ["kind"] = kind };

    private async Task<bool> ChangeAsync(string sql, long id, CancellationToken cancellation)
    {
        var changed = await db.WriteAsync(
            async session =>
            {
                var rows = await session.ExecuteAsync(sql, ("@id", id), ("@now", clock.GetUtcNow().ToDb()));
                if (rows > 0)
                {
                    await AuditLog.WriteAsync(session, await SubjectOfAsync(session, id), null, new() { ["job"] = id, ["cancelled"] = true });
                }

                await session.AnnounceAsync(Topics.Jobs);
                return rows;
            },
            cancellation
        );
        feed.Nudge();
        return changed > 0;
    }

    /// <summary>The jobs of the same kind, subject and input that wait, oldest first.</summary>
    public static Task<List<Job>> WaitingAsync(DbSession session, JobRequest request) =>
        session.QueryAsync(
            $"select {JobRow.Columns} from jobs where state = 'waiting' and kind = @kind and subject = @subject and payload = @payload order by id",
            JobRow.Read,
            ("@kind", request.Kind),
            ("@subject", request.Subject),
            ("@payload", request.Payload)
        );

    private static async Task<string?> SubjectOfAsync(DbSession session, long id) =>
        RepositoryOf(await session.FirstAsync("select subject from jobs where id = @id", row => row.GetString(0), ("@id", id)) ?? "");

    // The number of the job that waits for its first try; null when there is none. Retries end.
    private async Task<long?> MergeAsync(DbSession session, JobRequest request, DateTimeOffset now, DateTimeOffset notBefore)
    {
        var waiting = await WaitingAsync(session, request);
        foreach (var retry in waiting.Where(job => job.Tries > 0))
        {
            await CancelWaitingAsync(session, retry.Id, "replaced by a newer request");
        }

        if (waiting.Find(job => job.Tries == 0) is not { } same)
        {
            return null;
        }

        await session.ExecuteAsync(
            "update jobs set not_before = case when not_before < @before then not_before else @before end, give_up_at = @give_up where id = @id",
            ("@before", notBefore.ToDb()),
            ("@give_up", (now + request.GiveUpAfter).ToDb()),
            ("@id", same.Id)
        );
        await session.AnnounceAsync(Topics.Jobs);
        return same.Id;
    }

    private Task<int> CancelWaitingAsync(DbSession session, long id, string why) =>
        session.ExecuteAsync(
            "update jobs set state = 'cancelled', error = coalesce(error || ' (' || @why || ')', @why), finished_at = @now where id = @id",
            ("@why", why),
            ("@now", clock.GetUtcNow().ToDb()),
            ("@id", id)
        );

    private static async Task<long> InsertAsync(DbSession session, JobRequest request, DateTimeOffset now, DateTimeOffset notBefore) =>
        await session.FirstAsync(
            """
            insert into jobs (kind, subject, payload, state, tries, max_tries, not_before, give_up_at, queued_at)
            values (@kind, @subject, @payload, 'waiting', 0, @max, @before, @give_up, @now)
            returning id
            """,
            row => row.GetInt64(0),
            ("@kind", request.Kind),
            ("@subject", request.Subject),
            ("@payload", request.Payload),
            ("@max", request.MaxTries),
            ("@before", notBefore.ToDb()),
            ("@give_up", (now + request.GiveUpAfter).ToDb()),
            ("@now", now.ToDb())
        );
}
