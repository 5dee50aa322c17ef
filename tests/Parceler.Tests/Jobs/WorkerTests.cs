using Parceler.Jobs;

namespace Parceler.Tests.Jobs;

public class WorkerTests
{
    private const string Dead = "elsewhere:1:1";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_job_of_a_subject_runs_at_a_time()
    {
        await using var queue = await TestQueue.OpenAsync();
        await queue.AskAsync("netsec");
        (await queue.Claims.ClaimAsync(Dead, ["test"], Cancellation)).Should().NotBeNull();

        await queue.AskAsync("netsec");
        await queue.AskAsync("other");
        await queue.RunDueAsync();

        queue.Ran.Should().Equal("other");
    }

    [Fact]
    public async Task The_job_of_a_silent_worker_is_taken_over_when_its_lease_is_out()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AskAsync("netsec");
        await queue.Claims.ClaimAsync(Dead, ["test"], Cancellation);

        queue.Store.Clock.Advance(TimeSpan.FromSeconds(44));
        (await queue.RunDueAsync()).Should().Be(0);
        queue.Store.Clock.Advance(TimeSpan.FromSeconds(2));
        (await queue.RunDueAsync()).Should().Be(1);

        (await queue.FindAsync(id)).State.Should().Be(JobState.Succeeded);
    }

    [Fact]
    public async Task A_worker_that_renews_its_lease_keeps_its_job()
    {
        await using var queue = await TestQueue.OpenAsync();
        await queue.AskAsync("netsec");
        await queue.Claims.ClaimAsync(Dead, ["test"], Cancellation);

        for (var i = 0; i < 10; i++)
        {
            queue.Store.Clock.Advance(TimeSpan.FromSeconds(30));
            await queue.Claims.RenewAsync(Dead, Cancellation);
        }

        (await queue.RunDueAsync()).Should().Be(0);
    }

    [Fact]
    public async Task What_a_worker_says_after_it_lost_its_job_does_not_count()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AskAsync("netsec");
        var job = await queue.Claims.ClaimAsync(Dead, ["test"], Cancellation);
        queue.Store.Clock.Advance(TimeSpan.FromMinutes(1));
        await queue.RunDueAsync();

        await queue.Claims.FailAsync(Dead, job!, "too late", isFinal: true, Cancellation);

        (await queue.FindAsync(id)).State.Should().Be(JobState.Succeeded);
    }

    [Fact]
    public async Task A_job_that_fails_while_an_operator_ends_it_is_not_tried_again()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AskAsync("netsec");
        var job = await queue.Claims.ClaimAsync(Dead, ["test"], Cancellation);
        await queue.Queue.CancelAsync(id, Cancellation);

        (await queue.Claims.FailAsync(Dead, job!, "upstream is down", isFinal: false, Cancellation)).Next.Should().BeNull();

        var ended = await queue.FindAsync(id);
        (ended.State, ended.Error).Should().Be((JobState.Cancelled, "upstream is down"));
        ended.FinishedAt.Should().NotBeNull();
    }

    [Fact]
    public async Task A_job_that_kills_its_worker_each_time_fails_in_the_end()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AskAsync("netsec");
        for (var i = 0; i < 10; i++)
        {
            await queue.Claims.ClaimAsync(Dead, ["test"], Cancellation);
            queue.Store.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        (await queue.RunDueAsync()).Should().Be(0);
        (await queue.FindAsync(id)).Error.Should().Be("its worker died each time it ran");
    }

    [Fact]
    public async Task A_worker_that_ends_hands_its_job_back_and_the_try_does_not_count()
    {
        await using var queue = await TestQueue.OpenAsync();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        queue.Work = async (_, cancellation) =>
        {
            await ending.CancelAsync();
            cancellation.ThrowIfCancellationRequested();
            return "{}";
        };
        var id = await queue.AskAsync("netsec");

        var run = () => queue.Worker.RunDueAsync(ending.Token);
        await run.Should().ThrowAsync<OperationCanceledException>();

        var job = await queue.FindAsync(id);
        job.State.Should().Be(JobState.Waiting);
        job.Tries.Should().Be(0);
    }

    [Fact]
    public async Task An_operator_ends_a_running_job()
    {
        await using var queue = await TestQueue.OpenAsync();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var started = new TaskCompletionSource();
        queue.Work = async (_, cancellation) =>
        {
            started.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
            return "{}";
        };
        var id = await queue.AskAsync("netsec");
        var feed = queue.Store.Feed.RunAsync(ending.Token);
        var working = queue.Worker.RunAsync(1, ending.Token);
        await started.Task;

        await queue.Queue.CancelAsync(id, Cancellation);
        while (!(await queue.FindAsync(id)).IsOver)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancellation);
        }

        (await queue.FindAsync(id)).State.Should().Be(JobState.Cancelled);
        await ending.CancelAsync();
        await Task.WhenAll(feed, working);
    }

    [Fact]
    public async Task The_jobs_of_a_dead_process_of_this_machine_are_free_at_once()
    {
        await using var queue = await TestQueue.OpenAsync();
        var dead = $"{WorkerRegister.ThisHost}:4194303:1"; // beyond the greatest process id
        await queue.AskAsync("netsec");
        await queue.Store.Db.WriteAsync(
            session =>
                session.ExecuteAsync(
                    "insert into workers (id, role, host, pid, last_seen) values (@id, 'worker', @host, 4194303, @now)",
                    ("@id", dead),
                    ("@host", WorkerRegister.ThisHost),
                    ("@now", queue.Store.Clock.GetUtcNow().ToUnixTimeMilliseconds())
                ),
            Cancellation
        );
        await queue.Claims.ClaimAsync(dead, ["test"], Cancellation);
        (await queue.Register.AnyAsync(Cancellation)).Should().BeFalse();

        await queue.Register.BuryDeadAsync(Cancellation);

        (await queue.RunDueAsync()).Should().Be(1);
    }

    [Fact]
    public async Task What_a_job_says_is_kept_with_its_progress_and_its_result()
    {
        await using var queue = await TestQueue.OpenAsync();
        queue.Work = (run, _) =>
        {
            run.Log("first line");
            run.Log("second line");
            run.Progress("reading", 1, 2);
            return Task.FromResult("{\"files\":3}");
        };
        var id = await queue.AskAsync("netsec");
        await queue.RunDueAsync();

        var job = await queue.FindAsync(id);
        job.Result.Should().Be("{\"files\":3}");
        job.Progress.Should().Be(new JobProgress("reading", 1, 2));
        (await queue.Queue.LogAsync(id, 0, Cancellation)).Select(l => l.Text).Should().Equal("first line", "second line");
    }
}
