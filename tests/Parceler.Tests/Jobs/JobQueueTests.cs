using Parceler.Jobs;

namespace Parceler.Tests.Jobs;

public class JobQueueTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Asked_for_while_one_waits_is_the_same_request()
    {
        await using var queue = await TestQueue.OpenAsync();

        var first = await queue.AskAsync("netsec");
        var second = await queue.AskAsync("netsec");
        var other = await queue.AskAsync("other");

        second.Should().Be(first);
        other.Should().NotBe(first);
        (await queue.RunDueAsync()).Should().Be(2);
    }

    [Fact]
    public async Task Asked_for_while_one_runs_it_runs_once_more_after_it()
    {
        await using var queue = await TestQueue.OpenAsync();
        var ids = new List<long>();
        queue.Work = async (run, _) =>
        {
            if (queue.Ran.Count == 1)
            {
                ids.Add(await queue.AskAsync("netsec"));
                ids.Add(await queue.AskAsync("netsec"));
            }

            return "{}";
        };

        var first = await queue.AskAsync("netsec");
        await queue.RunDueAsync();

        queue.Ran.Should().HaveCount(2);
        ids.Distinct().Should().ContainSingle().Which.Should().NotBe(first);
    }

    [Fact]
    public async Task A_request_replaces_a_waiting_retry_and_starts_at_once()
    {
        await using var queue = await TestQueue.OpenAsync();
        queue.Work = (_, _) => throw new JobFailedException("upstream is down");
        var failed = await queue.AskAsync("netsec");
        await queue.RunDueAsync();
        (await queue.FindAsync(failed)).IsRetrying.Should().BeTrue();

        queue.Work = (_, _) => Task.FromResult("{}");
        var asked = await queue.AskAsync("netsec");
        await queue.RunDueAsync();

        (await queue.FindAsync(failed)).State.Should().Be(JobState.Cancelled);
        (await queue.FindAsync(asked)).State.Should().Be(JobState.Succeeded);
    }

    [Fact]
    public async Task A_job_that_fails_while_the_same_waits_is_not_tried_again_beside_it()
    {
        await using var queue = await TestQueue.OpenAsync();
        var follower = 0L;
        queue.Work = async (_, _) =>
        {
            if (queue.Ran.Count == 1)
            {
                follower = await queue.AskAsync("netsec");
                throw new JobFailedException("upstream is down");
            }

            return "{}";
        };

        var first = await queue.AskAsync("netsec");
        await queue.RunDueAsync();

        var failed = await queue.FindAsync(first);
        (failed.State, failed.Error).Should().Be((JobState.Failed, "upstream is down"));
        (await queue.Queue.LogAsync(first, 0, Cancellation)).Should().Contain(line => line.Text == $"not tried again: job {follower} follows");
        (await queue.FindAsync(follower)).State.Should().Be(JobState.Succeeded);
    }

    [Fact]
    public async Task A_job_that_an_operator_retries_takes_the_place_of_the_same_that_waits()
    {
        await using var queue = await TestQueue.OpenAsync();
        queue.Work = (_, _) => throw new JobFailedException("no such command", isFinal: true);
        var failed = await queue.AskAsync("netsec");
        await queue.RunDueAsync();
        var waiting = await queue.AskAsync("netsec");

        await queue.Queue.RetryAsync(failed, Cancellation);

        (await queue.FindAsync(waiting)).State.Should().Be(JobState.Cancelled);
        (await queue.RunDueAsync()).Should().Be(1);
    }

    [Fact]
    public async Task A_request_brings_a_job_forward_that_waits_for_its_time()
    {
        await using var queue = await TestQueue.OpenAsync();
        var later = queue.Store.Clock.GetUtcNow().AddMinutes(10);
        var spread = await queue.Queue.EnqueueAsync(TestQueue.Sync("netsec") with { NotBefore = later }, Cancellation);
        (await queue.RunDueAsync()).Should().Be(0);

        (await queue.AskAsync("netsec")).Should().Be(spread);
        (await queue.RunDueAsync()).Should().Be(1);
    }

    [Fact]
    public async Task A_failed_job_is_tried_three_times_with_growing_waits_and_then_stays_failed()
    {
        await using var queue = await TestQueue.OpenAsync();
        queue.Work = (_, _) => throw new JobFailedException("upstream is down");
        var id = await queue.AskAsync("netsec");

        await queue.RunDueAsync();
        queue.Store.Clock.Advance(TimeSpan.FromSeconds(59));
        (await queue.RunDueAsync()).Should().Be(0);
        queue.Store.Clock.Advance(TimeSpan.FromSeconds(1));
        (await queue.RunDueAsync()).Should().Be(1);
        queue.Store.Clock.Advance(TimeSpan.FromMinutes(4));
        (await queue.RunDueAsync()).Should().Be(0);
        queue.Store.Clock.Advance(TimeSpan.FromMinutes(1));
        (await queue.RunDueAsync()).Should().Be(1);

        var job = await queue.FindAsync(id);
        job.State.Should().Be(JobState.Failed);
        job.Error.Should().Be("upstream is down");
        job.Tries.Should().Be(3);
        (await queue.Queue.LogAsync(id, 0, Cancellation)).Should().HaveCount(3);
    }

    [Fact]
    public async Task No_retry_comes_after_the_request_has_lost_its_point()
    {
        await using var queue = await TestQueue.OpenAsync();
        queue.Work = (_, _) => throw new JobFailedException("upstream is down");
        var id = await queue.Queue.EnqueueAsync(TestQueue.Sync("netsec") with { GiveUpAfter = TimeSpan.FromMinutes(3) }, Cancellation);

        await queue.RunDueAsync();
        queue.Store.Clock.Advance(TimeSpan.FromMinutes(1));
        await queue.RunDueAsync();

        (await queue.FindAsync(id)).State.Should().Be(JobState.Failed);
    }

    [Fact]
    public async Task What_is_asked_for_again_gets_its_time_for_retries_anew()
    {
        await using var queue = await TestQueue.OpenAsync();
        queue.Work = (_, _) => throw new JobFailedException("upstream is down");
        var request = TestQueue.Sync("netsec") with { GiveUpAfter = TimeSpan.FromMinutes(3) };
        var id = await queue.Queue.EnqueueAsync(request, Cancellation);
        queue.Store.Clock.Advance(TimeSpan.FromMinutes(2.5));

        (await queue.Queue.EnqueueAsync(request, Cancellation)).Should().Be(id);
        await queue.RunDueAsync();

        (await queue.FindAsync(id)).IsRetrying.Should().BeTrue();
    }

    [Fact]
    public async Task A_final_failure_is_not_tried_again_until_an_operator_says_so()
    {
        await using var queue = await TestQueue.OpenAsync();
        queue.Work = (_, _) => throw new JobFailedException("no such command", isFinal: true);
        var id = await queue.AskAsync("netsec");
        await queue.RunDueAsync();
        (await queue.FindAsync(id)).State.Should().Be(JobState.Failed);

        queue.Work = (_, _) => Task.FromResult("{}");
        (await queue.Queue.RetryAsync(id, Cancellation)).Should().BeTrue();
        await queue.RunDueAsync();

        (await queue.FindAsync(id)).State.Should().Be(JobState.Succeeded);
        (await queue.Queue.RetryAsync(id, Cancellation)).Should().BeFalse();
    }

    [Fact]
    public async Task A_waiting_job_can_be_cancelled_and_one_that_is_over_can_not()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AskAsync("netsec");

        (await queue.Queue.CancelAsync(id, Cancellation)).Should().BeTrue();
        (await queue.RunDueAsync()).Should().Be(0);
        (await queue.Queue.CancelAsync(id, Cancellation)).Should().BeFalse();
    }

    [Fact]
    public async Task A_job_exists_exactly_when_its_cause_does()
    {
        await using var queue = await TestQueue.OpenAsync();

        var cause = () =>
            queue.Store.Db.WriteAsync(
                async session =>
                {
                    await queue.Queue.EnqueueAsync(session, TestQueue.Sync("netsec"));
                    throw new InvalidOperationException("the cause fails");
                },
                Cancellation
            );

        await cause.Should().ThrowAsync<InvalidOperationException>();
        (await queue.Queue.ListAsync(null, 10, Cancellation)).Should().BeEmpty();
    }
}
