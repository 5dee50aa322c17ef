using Parceler.Database;
using Parceler.Jobs;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Tests.Support;

namespace Parceler.Tests.Faults;

/// <summary>A clock that is set back or forward: something is always served, old content never becomes the newest, and the schedule goes on.</summary>
[Trait("Speed", "slow")]
public sealed class JumpingClockTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_day_back_is_nothing_but_a_day_more_to_wait()
    {
        await using var parceler = await StartAsync();
        var snapshots = await parceler.SnapshotsAsync("base");

        Jump(parceler, TimeSpan.FromDays(-1));
        (await ServedAsync(parceler)).Should().Be("day 4", "that is what was served a day ago");
        parceler.WriteUpstream("base", "file", "after the jump");
        await parceler.SyncAsync("base");

        var after = await parceler.SnapshotsAsync("base");
        after[..^1].Should().Equal(snapshots, "none is lost, and the new one is the newest");
        await PassServedAsync(parceler, days: 5);
        (await ServedAsync(parceler)).Should().Be("after the jump");
    }

    [Fact]
    public async Task The_schedule_fires_again_the_day_after_the_clock_was_set_back_a_year()
    {
        await using var parceler = await StartAsync();
        parceler.ExpectsFailures = true;
        Jump(parceler, TimeSpan.FromDays(365));
        await PassServedAsync(parceler, days: 1);
        Jump(parceler, TimeSpan.FromDays(-365));
        var before = await SyncsAsync(parceler);

        await PassServedAsync(parceler, days: 3);

        (await SyncsAsync(parceler)).Should().BeGreaterThanOrEqualTo(before + 3);
    }

    [Fact]
    public async Task A_year_forward_and_back_fails_syncs_by_the_clock_until_the_snapshot_ahead_is_deleted()
    {
        await using var parceler = await StartAsync();
        parceler.ExpectsFailures = true;
        Jump(parceler, TimeSpan.FromDays(365));
        await parceler.SyncAsync("base");
        (await ServedAsync(parceler)).Should().Be("day 6", "the turn of all that was synced before has come, and the first sync after a gap waits for its own");
        Jump(parceler, TimeSpan.FromDays(-365));
        parceler.WriteUpstream("base", "file", "after the jump");

        var refused = await parceler.SyncAsync("base");
        var ahead = (await parceler.SnapshotsAsync("base"))[^1];
        await parceler.Get<DeleteSnapshots>().RunAsync(RepositoryName.Parse("base"), [ahead], false, Cancellation);
        var done = await parceler.SyncAsync("base");

        refused.Error.Should().Contain("clock").And.Contain(ahead);
        done.State.Should().Be(JobState.Succeeded);
        (await ServedAsync(parceler)).Should().Be("day 5", "the oldest within the delay, as before the jump");
        await PassServedAsync(parceler, days: 4);
        (await ServedAsync(parceler)).Should().Be("after the jump");
    }

    [Fact]
    public async Task What_began_to_be_served_after_sessions_were_ended_is_not_ended_with_them_though_the_clock_was_set_back()
    {
        await using var parceler = await StartAsync();
        await parceler.PassAsync(hours: 3); // what is served has been for a while
        await parceler.Get<FreezeRepository>().RunAsync(RepositoryName.Parse("base"), (await parceler.SnapshotsAsync("base"))[^2], atOnce: true, (_, _, _) => { }, Cancellation);
        await parceler.SettleAsync();
        var served = await ServedAsync(parceler);
        Jump(parceler, TimeSpan.FromMinutes(-40));

        await parceler.Get<UnfreezeRepository>().RunAsync(RepositoryName.Parse("base"), Cancellation);
        await parceler.Get<EditRepository>().RunAsync(RepositoryName.Parse("base"), settings => settings with { DelayDays = 0 }, Cancellation);

        await using var session = await parceler.Get<ParcelerDb>().OpenAsync(Cancellation);
        var repository = await parceler.Get<RepositoryCatalog>().GetAsync(RepositoryName.Parse("base"), Cancellation);
        var held = await HeldServings.ListAsync(session, repository, TimeSpan.FromDays(3), parceler.Clock.GetUtcNow());
        held.Should().HaveCount(2, $"machines read '{served}' when the next one came");
    }

    [Fact]
    public async Task A_snapshot_never_gets_the_name_of_one_that_was_served_and_deleted()
    {
        await using var parceler = await StartAsync();
        await parceler.Get<EditRepository>().RunAsync(RepositoryName.Parse("base"), settings => settings with { DelayDays = 0 }, Cancellation);
        Jump(parceler, TimeSpan.FromHours(-1));
        parceler.WriteUpstream("base", "file", "withdrawn");
        await parceler.SyncAsync("base");
        (await ServedAsync(parceler)).Should().Be("withdrawn");
        var deleted = (await parceler.SnapshotsAsync("base"))[^1];
        await parceler.Get<DeleteSnapshots>().RunAsync(RepositoryName.Parse("base"), [deleted], atOnce: true, Cancellation);

        parceler.WriteUpstream("base", "file", "instead");
        await parceler.SyncAsync("base");

        (await parceler.SnapshotsAsync("base")).Should().NotContain(deleted);
        (await ServedAsync(parceler)).Should().Be("instead");
    }

    [Fact]
    public async Task What_came_to_be_served_in_the_wrong_year_stays_served_in_the_right_one()
    {
        await using var parceler = await StartAsync();
        parceler.ExpectsFailures = true;
        Jump(parceler, TimeSpan.FromDays(365));
        parceler.WriteUpstream("base", "file", "of the wrong year");
        await PassServedAsync(parceler, days: 4);
        (await ServedAsync(parceler)).Should().Be("of the wrong year");

        Jump(parceler, TimeSpan.FromDays(-365));
        await PassServedAsync(parceler, days: 3);
        await parceler.RestartAsync();

        (await ServedAsync(parceler)).Should().Be("of the wrong year");
    }

    // Six days of daily syncs, each with a content of its own, with a delay of two.
    private static async Task<TestParceler> StartAsync()
    {
        var parceler = await TestParceler.StartAsync();
        parceler.WriteUpstream("base", "file", "day 0");
        await parceler.CreateAsync("base", delay: 2);
        for (var day = 1; day <= 6; day++)
        {
            parceler.WriteUpstream("base", "file", $"day {day}");
            await parceler.PassAsync(days: 1);
        }

        return parceler;
    }

    private static void Jump(TestParceler parceler, TimeSpan by) => parceler.Clock.AdjustTime(parceler.Clock.GetUtcNow() + by);

    private static async Task<string> ServedAsync(TestParceler parceler)
    {
        await parceler.SettleAsync();
        return (await parceler.ReadAsync("base", "file")).Should().NotBeNull("something is always served").And.Subject;
    }

    private static async Task PassServedAsync(TestParceler parceler, int days)
    {
        for (var hours = 0; hours < 24 * days; hours += 8)
        {
            await parceler.PassAsync(hours: 8);
            await ServedAsync(parceler);
        }
    }

    private static async Task<int> SyncsAsync(TestParceler parceler) =>
        (await parceler.Get<JobQueue>().ListAsync("base", 1000, Cancellation)).Count(job => job.StartedAt is not null);
}
