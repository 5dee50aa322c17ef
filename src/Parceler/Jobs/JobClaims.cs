using Parceler.Database;

namespace Parceler.Jobs;

/// <summary>What comes after a failed try.</summary>
/// <param name="Next">When it is tried again; null when it is not.</param>
/// <param name="Follower">The job that waits for the same, so that it is not tried again.</param>
internal sealed record FailedTry(DateTimeOffset? Next, long? Follower);

/// <summary>
/// Who runs which job. A worker holds a job by a lease that it renews; when the worker is gone, the job is another's.
/// All decisions are single transactions of the database.
/// </summary>
internal sealed class JobClaims(ParcelerDb db, TimeProvider clock)
{
    private const int MostTakeovers = 5; // a job that kills its worker must not do so for ever
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan[] s_retryAfter = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(20)];

    /// <summary>The oldest job that is due and whose subject is free; null when there is none.</summary>
    public Task<Job?> ClaimAsync(string worker, IReadOnlyList<string> kinds, CancellationToken cancellation) =>
        db.WriteAsync(
            async session =>
            {
                var now = clock.GetUtcNow();
                await TakeBackAsync(session, "lease_until < @now", ("@now", now.ToDb()));
                var names = kinds.Select((kind, i) => ($"@kind{i}", (object?)kind)).ToArray();
                return await session.FirstAsync(
                    $"""
                    update jobs set state = 'running', worker = @worker, lease_until = @until, tries = tries + 1, started_at = @now, finished_at = null, progress = null
                    where id = (
                        select id from jobs where state = 'waiting' and not_before <= @now and kind in ({string.Join(", ", names.Select(n => n.Item1))})
                            and subject not in (select subject from jobs where state = 'running')
                        order by not_before, id limit 1)
                    returning {JobRow.Columns}
                    """,
                    JobRow.Read,
                    [("@worker", worker), ("@until", (now + s_lease).ToDb()), ("@now", now.ToDb()), .. names]
                );
            },
            cancellation
        );

    /// <summary>When the next waiting job may start; null when none waits.</summary>
    public async Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        return await session.FirstAsync("select min(not_before) from jobs where state = 'waiting'", row => row.TimeOrNull(0));
    }

    /// <summary>Renews this worker's leases; returns the jobs that an operator wants ended.</summary>
    public Task<List<long>> RenewAsync(string worker, CancellationToken cancellation) =>
        db.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync(
                    "update jobs set lease_until = @until where state = 'running' and worker = @worker",
                    ("@until", (clock.GetUtcNow() + s_lease).ToDb()),
                    ("@worker", worker)
                );
                return await session.QueryAsync(
                    "select id from jobs where state = 'running' and worker = @worker and cancel_requested = 1",
                    row => row.GetInt64(0),
                    ("@worker", worker)
                );
            },
            cancellation
        );

    public Task SucceedAsync(string worker, Job job, string result, CancellationToken cancellation) =>
        EndAsync(worker, job, "state = 'succeeded', result = @text, error = null, finished_at = @now", result, null, cancellation);

    public Task CancelAsync(string worker, Job job, CancellationToken cancellation) =>
        EndAsync(worker, job, "state = 'cancelled', error = @text, finished_at = @now", "cancelled by an operator", null, cancellation);

    /// <summary>Ends a failed try: the job waits for the next one, or has failed. A job that waits for the same takes the place of a retry.</summary>
    public Task<FailedTry> FailAsync(string worker, Job job, string error, bool isFinal, CancellationToken cancellation)
    {
        var next = clock.GetUtcNow() + s_retryAfter[Math.Min(job.Tries, s_retryAfter.Length) - 1];
        var mayRetry = !isFinal && job.Tries < job.MaxTries && !(next > job.GiveUpAt);
        return db.WriteAsync(
            async session =>
            {
                var follower = mayRetry ? (await JobQueue.WaitingAsync(session, new(job.Kind, job.Subject, job.Payload))).FirstOrDefault() : null;
                var retries = mayRetry && follower is null;
                var change = retries
                    ? "state = case cancel_requested when 1 then 'cancelled' else 'waiting' end, error = @text, not_before = @next, finished_at = @now"
                    : "state = 'failed', error = @text, finished_at = @now";
                var state = await EndAsync(session, worker, job, change, error, next);
                if (state is not null && follower is not null)
                {
                    await JobRun.WriteLineAsync(session, job, clock.GetUtcNow(), $"not tried again: job {follower.Id} follows");
                }

                return new FailedTry(state == JobState.Waiting.InDb() ? next : null, follower?.Id);
            },
            cancellation
        );
    }

    /// <summary>Gives a job back unfinished because its worker ends: this try does not count.</summary>
    public Task HandBackAsync(string worker, Job job, CancellationToken cancellation) =>
        EndAsync(worker, job, "state = 'waiting', tries = tries - 1, not_before = @now", null, null, cancellation);

    /// <summary>Frees the jobs of a worker that died.</summary>
    public static Task TakeBackFromAsync(DbSession session, string worker) => TakeBackAsync(session, "worker = @worker", ("@worker", worker));

    private static async Task TakeBackAsync(DbSession session, string which, (string, object?) value)
    {
        var freed = await session.ExecuteAsync(
            $"""
            update jobs set worker = null, lease_until = null, takeovers = takeovers + 1, tries = tries - 1,
                state = case when cancel_requested = 1 then 'cancelled' when takeovers + 1 > {MostTakeovers} then 'failed' else 'waiting' end,
                error = case when cancel_requested = 0 and takeovers + 1 > {MostTakeovers} then 'its worker died each time it ran' else error end,
                finished_at = case when cancel_requested = 1 or takeovers + 1 > {MostTakeovers} then started_at else null end
            where state = 'running' and {which}
            """,
            value
        );
        if (freed > 0)
        {
            await session.AnnounceAsync(Topics.Jobs);
        }
    }

    private Task<string?> EndAsync(string worker, Job job, string change, string? text, DateTimeOffset? next, CancellationToken cancellation) =>
        db.WriteAsync(session => EndAsync(session, worker, job, change, text, next), cancellation);

    // Nothing is written when the job is not this worker's any more. Returns the state that the job is in then.
    private async Task<string?> EndAsync(DbSession session, string worker, Job job, string change, string? text, DateTimeOffset? next)
    {
        var state = await session.FirstAsync(
            $"update jobs set worker = null, lease_until = null, {change} where id = @id and state = 'running' and worker = @worker returning state",
            row => row.GetString(0),
            ("@id", job.Id),
            ("@worker", worker),
            ("@text", text),
            ("@now", clock.GetUtcNow().ToDb()),
            ("@next", next.ToDb())
        );
        await session.AnnounceAsync(Topics.Jobs);
        return state;
    }
}
