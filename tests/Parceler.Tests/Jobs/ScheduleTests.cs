using Microsoft.Extensions.Logging.Abstractions;
using Parceler.Jobs;
using Parceler.Tests.Support;

namespace Parceler.Tests.Jobs;

public sealed class ScheduleTests
{
    private static readonly TimeZoneInfo s_rome = TimeZoneInfo.FindSystemTimeZoneById("Europe/Rome");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("0 0 * * *", "2026-03-27T23:30:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z")] // the clock goes forward in the night to the 29th
    [InlineData("30 2 * * *", "2026-03-28T02:00:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z")] // 02:30 does not exist: right after the gap
    [InlineData("0 0 * * *", "2026-10-24T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")] // it goes back in the night to the 25th
    [InlineData("30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z")] // 02:30 comes twice: once
    public void Keeps_to_the_clock_on_the_wall_in_both_nights_when_it_changes(string cron, string after, string first, string second)
    {
        var schedule = new Schedule(cron, s_rome);

        var next = schedule.After(DateTimeOffset.Parse(after, null));

        next.Should().Be(DateTimeOffset.Parse(first, null));
        schedule.After(next!.Value).Should().Be(DateTimeOffset.Parse(second, null));
    }

    [Fact]
    public async Task Fires_once_for_each_moment_whoever_comes_first()
    {
        await using var store = await TestStore.OpenAsync();
        var fired = 0;
        var one = SchedulerOn(store, () => fired++);
        var other = SchedulerOn(store, () => fired++);
        await one.TickAsync(Cancellation);
        fired.Should().Be(0, "nothing was missed before the first start");

        store.Clock.Advance(TimeSpan.FromHours(24));
        await one.TickAsync(Cancellation);
        await other.TickAsync(Cancellation);
        await one.TickAsync(Cancellation);

        fired.Should().Be(1);
    }

    [Fact]
    public async Task Moments_missed_while_nobody_ran_count_as_one()
    {
        await using var store = await TestStore.OpenAsync();
        var fired = 0;
        await SchedulerOn(store, () => fired++).TickAsync(Cancellation);

        store.Clock.Advance(TimeSpan.FromDays(5));
        var started = SchedulerOn(store, () => fired++);
        await started.TickAsync(Cancellation);
        await started.TickAsync(Cancellation);

        fired.Should().Be(1);
    }

    [Fact]
    public async Task A_clock_that_was_a_year_ahead_does_not_stop_the_schedule_for_a_year()
    {
        await using var store = await TestStore.OpenAsync();
        var fired = 0;
        var scheduler = SchedulerOn(store, () => fired++);
        var right = store.Clock.GetUtcNow();
        store.Clock.AdjustTime(right.AddYears(1));
        await scheduler.TickAsync(Cancellation);
        store.Clock.AdjustTime(right);
        await scheduler.TickAsync(Cancellation);

        store.Clock.Advance(TimeSpan.FromDays(2));
        await scheduler.TickAsync(Cancellation);

        fired.Should().Be(1);
    }

    [Fact]
    public async Task Nothing_fires_during_maintenance_and_what_was_missed_fires_after_it()
    {
        await using var store = await TestStore.OpenAsync();
        var (fired, paused) = (0, false);
        var scheduler = SchedulerOn(store, () => fired++, () => paused);
        await scheduler.TickAsync(Cancellation);
        paused = true;
        store.Clock.Advance(TimeSpan.FromDays(2));
        await scheduler.TickAsync(Cancellation);
        fired.Should().Be(0);

        paused = false;
        await scheduler.TickAsync(Cancellation);

        fired.Should().Be(1);
    }

    private static Scheduler SchedulerOn(TestStore store, Action fire, Func<bool>? isPaused = null) =>
        new(
            store.Db,
            new Schedule("0 0 * * *", TimeZoneInfo.Utc),
            (_, _) =>
            {
                fire();
                return Task.CompletedTask;
            },
            isPaused ?? (() => false),
            store.Feed,
            store.Clock,
            NullLogger<Scheduler>.Instance
        );
}
