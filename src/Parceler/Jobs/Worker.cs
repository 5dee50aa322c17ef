using Microsoft.Extensions.Logging;
using Parceler.Database;

namespace Parceler.Jobs;

/// <summary>Takes jobs from the queue and runs them, several at a time, until it is told to end; what it runs then goes back to the queue.</summary>
internal sealed partial class Worker(
    ParcelerDb db,
    JobClaims claims,
    WorkerRegister register,
    ChangeFeed feed,
    TimeProvider clock,
    ILogger<Worker> log,
    IReadOnlyList<JobHandler> handlers,
    Func<bool> isPaused
) : IDisposable
{
    private static readonly TimeSpan s_alive = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_flush = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_lookAtLeast = TimeSpan.FromSeconds(5);
    private readonly Dictionary<string, JobHandler> _handlers = handlers.ToDictionary(h => h.Kind);
    private readonly string _name = WorkerRegister.ThisProcess;
    private readonly RunningJobs _running = new();
    private readonly SemaphoreSlim _wake = new(0, int.MaxValue);

    /// <summary>Runs until cancelled, with so many jobs at a time.</summary>
    public async Task RunAsync(int slots, CancellationToken cancellation)
    {
        feed.Subscribe(Topics.Jobs, NoticeAsync);
        feed.Subscribe(Topics.Maintenance, NoticeAsync); // its end
        await register.SayAliveAsync(_name, ProcessRoles.Worker, cancellation);
        var alive = Repeat.EveryAsync(s_alive, KeepAliveAsync, clock, log, cancellation);
        await Task.WhenAll(Enumerable.Range(0, slots).Select(_ => WorkAsync(cancellation)));
        await alive;
        await register.SayGoneAsync(_name, ProcessRoles.Worker, CancellationToken.None);
    }

    /// <summary>Runs what is due now, one after the other, and returns how many jobs that were.</summary>
    public async Task<int> RunDueAsync(CancellationToken cancellation)
    {
        var count = 0;
        while (await RunNextAsync(cancellation))
        {
            count++;
        }

        return count;
    }

    public void Dispose() => _wake.Dispose();

    private async Task WorkAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                if (isPaused() || !await RunNextAsync(cancellation))
                {
                    await RestAsync(cancellation);
                }
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                if (e is not DatabaseException { IsOutage: true })
                {
                    QueueFailed(log, e);
                }

                await Task.Delay(s_lookAtLeast, clock, CancellationToken.None);
            }
        }
    }

    private async Task<bool> RunNextAsync(CancellationToken cancellation)
    {
        if (await claims.ClaimAsync(_name, [.. _handlers.Keys], cancellation) is not { } job)
        {
            return false;
        }

        Started(log, job.Kind, job.Subject, job.Id, job.Tries);
        await RunAsync(job, cancellation);
        return true;
    }

    private async Task RunAsync(Job job, CancellationToken cancellation)
    {
        var run = new JobRun(job, db, clock);
        using var ended = _running.Add(job.Id, cancellation);
        using var flushing = CancellationTokenSource.CreateLinkedTokenSource(CancellationToken.None);
        var flush = Repeat.EveryAsync(s_flush, _ => run.FlushAsync(CancellationToken.None), clock, log, flushing.Token);
        var outcome = await TryAsync(job, run, ended.Token);
        await flushing.CancelAsync();
        await flush;
        await InsistAsync(job, () => run.FlushAsync(CancellationToken.None), cancellation);
        await InsistAsync(job, () => outcome(cancellation.IsCancellationRequested), cancellation);
        _running.Remove(job.Id);
        Wake(); // its subject is free again
    }

    // A try whose end is never written, because the disk is full, would look to everybody as if it ran on.
    private async Task InsistAsync(Job job, Func<Task> write, CancellationToken cancellation)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                await write();
                return;
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested) // else the next start finds a job without a worker
            {
                if (isFirst && e is not DatabaseException { IsOutage: true })
                {
                    EndNotWritten(log, job.Kind, job.Subject, job.Id, e.Message);
                }

                await Task.Delay(s_lookAtLeast, clock, cancellation);
            }
        }
    }

    // What is to be written of the try, once its log is.
    private async Task<Func<bool, Task>> TryAsync(Job job, JobRun run, CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        try
        {
            var result = await _handlers[job.Kind].RunAsync(run, cancellation);
            return async _ =>
            {
                await claims.SucceedAsync(_name, job, result, CancellationToken.None);
                JobInstruments.Ended(job.Kind, "succeeded", clock.GetElapsedTime(began));
                Succeeded(log, job.Kind, job.Subject, job.Id);
            };
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return async isEnding =>
            {
                await (isEnding ? claims.HandBackAsync(_name, job, CancellationToken.None) : claims.CancelAsync(_name, job, CancellationToken.None));
                JobInstruments.Ended(job.Kind, isEnding ? "handed_back" : "cancelled", clock.GetElapsedTime(began));
                Stopped(log, job.Kind, job.Subject, job.Id, isEnding ? "goes back to the queue" : "was cancelled");
            };
        }
        catch (Exception e)
        {
            var expected = e as JobFailedException;
            run.Log($"failed: {e.Message}");
            var isExpected = expected is not null || e is DatabaseException { IsOutage: true }; // it says itself what is wrong
            return _ => FailAsync(job, e.Message, expected?.IsFinal ?? false, isExpected ? null : e, began);
        }
    }

    private async Task FailAsync(Job job, string error, bool isFinal, Exception? unexpected, long began)
    {
        var failed = await claims.FailAsync(_name, job, error, isFinal, CancellationToken.None);
        JobInstruments.Ended(job.Kind, failed.Next is null ? "failed" : "retried", clock.GetElapsedTime(began));
        var next =
            failed.Next is { } at ? $"tried again at {at:u}"
            : failed.Follower is { } follower ? $"job {follower} follows"
            : "not tried again";
        Failed(log, unexpected, job.Kind, job.Subject, job.Id, next, error);
    }

    private async Task KeepAliveAsync(CancellationToken cancellation)
    {
        await register.SayAliveAsync(_name, ProcessRoles.Worker, cancellation);
        await register.BuryDeadAsync(cancellation);
        await NoticeAsync(cancellation);
    }

    private async Task NoticeAsync(CancellationToken cancellation)
    {
        foreach (var id in await claims.RenewAsync(_name, cancellation))
        {
            _running.End(id);
        }

        Wake();
    }

    private void Wake()
    {
        if (_wake.CurrentCount < 16)
        {
            _wake.Release();
        }
    }

    private async Task RestAsync(CancellationToken cancellation)
    {
        var due = isPaused() ? null : await claims.NextDueAsync(cancellation);
        var rest = due - clock.GetUtcNow() is { } until && until < s_lookAtLeast ? until : s_lookAtLeast;
        using var tick = new CancellationTokenSource(rest > TimeSpan.FromMilliseconds(50) ? rest : TimeSpan.FromMilliseconds(50), clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, tick.Token);
        try
        {
            await _wake.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // time to look again
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Job {Id} {Kind} {Subject} started, try {Try}")]
    private static partial void Started(ILogger log, string kind, string subject, long id, int @try);

    [LoggerMessage(Level = LogLevel.Information, Message = "Job {Id} {Kind} {Subject} succeeded")]
    private static partial void Succeeded(ILogger log, string kind, string subject, long id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Id} {Kind} {Subject} {What}")]
    private static partial void Stopped(ILogger log, string kind, string subject, long id, string what);

    [LoggerMessage(Level = LogLevel.Error, Message = "Job {Id} {Kind} {Subject} failed, {Next}: {Error}")]
    private static partial void Failed(ILogger log, Exception? e, string kind, string subject, long id, string next, string error);

    [LoggerMessage(Level = LogLevel.Error, Message = "The end of job {Id} {Kind} {Subject} can't be written; it is tried until it is: {Problem}")]
    private static partial void EndNotWritten(ILogger log, string kind, string subject, long id, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "The queue of jobs can't be read; it is tried again")]
    private static partial void QueueFailed(ILogger log, Exception e);
}
