using System.Net;
using Parceler.Delivery;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Storage;
using Parceler.Tests.Support;

namespace Parceler.Tests.Scenarios;

/// <summary>A machine in the middle of an update keeps seeing one snapshot, whatever is switched meanwhile.</summary>
[Trait("Speed", "slow")]
public class SessionTests
{
    private const string Feed = "packages/x86_64/base";
    private static readonly RepositoryName s_name = RepositoryName.Parse("netsec");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public enum Switch
    {
        Freeze,
        FreezeAndUnfreeze,
        Release,
        Delete,
        Edit,
    }

    [Theory]
    [InlineData(Switch.Freeze)]
    [InlineData(Switch.FreezeAndUnfreeze)]
    [InlineData(Switch.Release)]
    [InlineData(Switch.Delete)]
    [InlineData(Switch.Edit)]
    public async Task An_update_that_began_before_a_switch_ends_on_the_same_snapshot(Switch kind)
    {
        await using var parceler = await StartAsync();
        var snapshots = await parceler.SnapshotsAsync("netsec");
        (await parceler.ReadAsync("netsec", $"{Feed}/Packages.gz")).Should().Be("index 1");

        await SwitchAsync(parceler, kind, snapshots);

        (await parceler.ReadAsync("netsec", $"{Feed}/Packages.sig")).Should().Be("signature 1");
        (await parceler.ReadAsync("netsec", "packages/other/Packages.gz")).Should().Be("other 1", "a session is one for all feeds");
        (await parceler.ReadAsync("netsec", $"{Feed}/hello_1.ipk")).Should().Be("hello 1");
        (await parceler.ReadAsync("netsec", $"{Feed}/rebuilt.ipk")).Should().Be("rebuilt 1");
        (await ReadAsNewAsync(parceler, $"{Feed}/Packages.gz")).Should().Be("index 2", "a session that starts now is on the new one");
        (await ReadAsNewAsync(parceler, $"{Feed}/rebuilt.ipk")).Should().Be("rebuilt 2");
    }

    [Fact]
    public async Task An_update_that_began_before_a_timed_switch_ends_on_the_same_snapshot()
    {
        await using var parceler = await StartAsync();
        parceler.Clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromMinutes(61));
        (await parceler.ReadAsync("netsec", $"{Feed}/Packages.gz")).Should().Be("index 1");

        parceler.Clock.Advance(TimeSpan.FromMinutes(2));
        await parceler.SettleAsync();

        (await parceler.ReadAsync("netsec", $"{Feed}/Packages.sig")).Should().Be("signature 1");
        (await ReadAsNewAsync(parceler, $"{Feed}/Packages.gz")).Should().Be("index 2");
    }

    [Fact]
    public async Task A_package_of_the_old_snapshot_stays_for_the_grace_period_after_the_last_session()
    {
        await using var parceler = await StartAsync();
        await parceler.ReadAsync("netsec", $"{Feed}/Packages.gz");
        await SwitchAsync(parceler, Switch.Release, []);
        await parceler.ReadAsync("netsec", $"{Feed}/Packages.sig");

        await PassAsync(parceler, TimeSpan.FromHours(71));
        (await parceler.ReadAsync("netsec", $"{Feed}/hello_1.ipk")).Should().Be("hello 1");
        (await parceler.ReadAsync("netsec", $"{Feed}/rebuilt.ipk")).Should().Be("rebuilt 1", "it read that index last");
        (await ReadAsNewAsync(parceler, $"{Feed}/hello_1.ipk")).Should().Be("hello 1");
        (await ReadAsNewAsync(parceler, $"{Feed}/rebuilt.ipk")).Should().Be("rebuilt 2");
        (await ReadAsNewAsync(parceler, $"{Feed}/gone.json")).Should().Be("gone", "whatever is no index has grace");
        (await ReadAsNewAsync(parceler, "old/Packages.gz")).Should().BeNull("an index has none");

        await PassAsync(parceler, TimeSpan.FromMinutes(61));
        (await parceler.ReadAsync("netsec", $"{Feed}/hello_1.ipk")).Should().BeNull();
        (await parceler.ReadAsync("netsec", $"{Feed}/rebuilt.ipk")).Should().Be("rebuilt 2");
    }

    [Fact]
    public async Task After_a_step_back_the_packages_of_the_newer_snapshot_stay_reachable()
    {
        await using var parceler = await StartAsync();
        await SwitchAsync(parceler, Switch.Freeze, await parceler.SnapshotsAsync("netsec"));
        await parceler.ReadAsync("netsec", $"{Feed}/Packages.gz");
        await parceler.Get<UnfreezeRepository>().RunAsync(s_name, Cancellation);
        await parceler.SettleAsync();

        (await ReadAsNewAsync(parceler, $"{Feed}/Packages.gz")).Should().Be("index 1");
        await PassAsync(parceler, TimeSpan.FromHours(50));
        (await parceler.ReadAsync("netsec", $"{Feed}/hello_2.ipk")).Should().Be("hello 2");
        (await ReadAsNewAsync(parceler, $"{Feed}/hello_2.ipk")).Should().Be("hello 2");
    }

    [Theory]
    [InlineData(Switch.Freeze)]
    [InlineData(Switch.Release)]
    [InlineData(Switch.Delete)]
    public async Task With_now_a_switch_ends_sessions_and_grace(Switch kind)
    {
        await using var parceler = await StartAsync();
        await parceler.ReadAsync("netsec", $"{Feed}/Packages.gz");

        await SwitchAsync(parceler, kind, await parceler.SnapshotsAsync("netsec"), atOnce: true);

        (await parceler.ReadAsync("netsec", $"{Feed}/hello_1.ipk")).Should().BeNull();
        (await parceler.ReadAsync("netsec", $"{Feed}/rebuilt.ipk")).Should().Be("rebuilt 2");
        (await parceler.ReadAsync("netsec", $"{Feed}/Packages.sig")).Should().Be("signature 2");
        await parceler.RestartAsync();
        (await parceler.ReadAsync("netsec", $"{Feed}/hello_1.ipk")).Should().BeNull();
    }

    [Fact]
    public async Task A_snapshot_that_is_deleted_through_the_storage_is_gone_for_sessions_too()
    {
        await using var parceler = await StartAsync();
        await parceler.ReadAsync("netsec", $"{Feed}/Packages.gz");

        await parceler.Get<StorageDisk>().DeleteAsync((await parceler.KeysAsync("snapshots/netsec/"))[0], Cancellation);
        await parceler.Get<Parceler.Snapshots.ScanSnapshots>().RunAsync(Cancellation);
        await parceler.SettleAsync();

        (await parceler.ReadAsync("netsec", $"{Feed}/hello_1.ipk")).Should().BeNull();
        (await parceler.ReadAsync("netsec", $"{Feed}/Packages.sig")).Should().Be("signature 2");
    }

    [Fact]
    public async Task A_snapshot_withdrawn_during_sessions_is_none_any_more_and_goes_with_the_collector()
    {
        await using var parceler = await StartAsync();
        await parceler.ReadAsync("netsec", $"{Feed}/Packages.gz");
        await SwitchAsync(parceler, Switch.Delete, await parceler.SnapshotsAsync("netsec"));

        (await parceler.SnapshotsAsync("netsec")).Should().ContainSingle();
        await CollectAsync(parceler);
        await parceler.RestartAsync();
        (await parceler.ReadAsync("netsec", $"{Feed}/Packages.sig")).Should().Be("signature 1");
        (await parceler.KeysAsync("grace/netsec/")).Should().ContainSingle();

        await PassAsync(parceler, TimeSpan.FromHours(73));
        await CollectAsync(parceler);
        (await parceler.KeysAsync("grace/netsec/")).Should().BeEmpty();
        (await parceler.ReadAsync("netsec", $"{Feed}/hello_1.ipk")).Should().BeNull();
    }

    [Fact]
    public async Task A_withdrawn_snapshot_can_be_taken_away_at_once_later()
    {
        await using var parceler = await StartAsync();
        await parceler.ReadAsync("netsec", $"{Feed}/Packages.gz");
        var oldest = (await parceler.SnapshotsAsync("netsec"))[0];
        await parceler.Get<DeleteSnapshots>().RunAsync(s_name, [oldest], false, Cancellation);

        await parceler.Get<DeleteSnapshots>().RunAsync(s_name, [oldest], true, Cancellation);
        await parceler.SettleAsync();

        (await parceler.ReadAsync("netsec", $"{Feed}/hello_1.ipk")).Should().BeNull();
    }

    [Fact]
    public async Task A_restart_in_the_middle_of_an_update_changes_nothing()
    {
        await using var parceler = await StartAsync();
        await parceler.ReadAsync("netsec", $"{Feed}/Packages.gz");
        await parceler.RestartAsync();
        await SwitchAsync(parceler, Switch.Release, []);
        await parceler.RestartAsync();

        (await parceler.ReadAsync("netsec", $"{Feed}/Packages.sig")).Should().Be("signature 1");
        (await parceler.ReadAsync("netsec", $"{Feed}/hello_1.ipk")).Should().Be("hello 1");
    }

    [Fact]
    public async Task A_session_ends_after_sixty_quiet_minutes_and_the_latest_release_renews_nothing()
    {
        await using var parceler = await StartAsync();
        await parceler.ReadAsync("netsec", $"{Feed}/Packages.gz");
        await SwitchAsync(parceler, Switch.Release, []);

        parceler.Clock.Advance(TimeSpan.FromMinutes(59));
        (await parceler.ReadAsync("netsec", "latest_release")).Should().Be("release 1");
        parceler.Clock.Advance(TimeSpan.FromMinutes(1));

        (await parceler.ReadAsync("netsec", "latest_release")).Should().Be("release 2");
        (await parceler.ReadAsync("netsec", $"{Feed}/Packages.sig")).Should().Be("signature 2");
    }

    [Fact]
    public async Task A_session_older_than_six_hours_ends_at_a_head_index_and_at_eight_in_any_case()
    {
        await using var parceler = await StartAsync();
        await parceler.ReadAsync("netsec", $"{Feed}/Packages.gz");
        await ReadAsNewAsync(parceler, $"{Feed}/Packages.gz");
        await SwitchAsync(parceler, Switch.Release, []);
        for (var minutes = 40; minutes <= 320; minutes += 40)
        {
            await AdvanceAsync(parceler, minutes: 40);
            (await parceler.ReadAsync("netsec", $"{Feed}/Packages.gz")).Should().Be("index 1");
            (await ReadAsNewAsync(parceler, $"{Feed}/Packages.sig")).Should().Be("signature 1");
        }

        await AdvanceAsync(parceler, minutes: 38); // 5:58
        (await parceler.ReadAsync("netsec", $"{Feed}/Packages.gz")).Should().Be("index 1");
        await AdvanceAsync(parceler, minutes: 4); // 6:02
        (await parceler.ReadAsync("netsec", $"{Feed}/Packages.gz")).Should().Be("index 1", "it was not quiet");
        await AdvanceAsync(parceler, minutes: 5); // 6:07
        (await parceler.ReadAsync("netsec", $"{Feed}/Packages.sig")).Should().Be("signature 1", "it is no head index");
        await AdvanceAsync(parceler, minutes: 5); // 6:12
        (await parceler.ReadAsync("netsec", $"{Feed}/Packages.gz")).Should().Be("index 2");
        (await ReadAsNewAsync(parceler, $"{Feed}/Packages.sig")).Should().Be("signature 1");
        await AdvanceAsync(parceler, minutes: 55); // 7:07
        (await ReadAsNewAsync(parceler, $"{Feed}/Packages.sig")).Should().Be("signature 1");
        await AdvanceAsync(parceler, minutes: 52); // 7:59
        (await ReadAsNewAsync(parceler, $"{Feed}/Packages.sig")).Should().Be("signature 1");
        await AdvanceAsync(parceler, minutes: 1);
        (await ReadAsNewAsync(parceler, $"{Feed}/Packages.sig")).Should().Be("signature 2");
    }

    [Fact]
    public async Task A_machine_that_is_not_entitled_starts_no_session()
    {
        await using var parceler = await StartAsync();
        parceler.Licences.Deny("late", "s3cret");
        using var client = parceler.Client("late");
        (await client.GetAsync($"/repository/enterprise/netsec/{Feed}/Packages.gz", Cancellation)).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        await SwitchAsync(parceler, Switch.Release, []);
        parceler.Licences.Allow("late", "s3cret");
        parceler.Clock.Advance(TimeSpan.FromMinutes(6));

        (await client.GetStringAsync($"/repository/enterprise/netsec/{Feed}/Packages.sig", Cancellation)).Should().Be("signature 2");
    }

    [Fact]
    public async Task An_index_that_a_switch_did_not_change_keeps_its_date_and_one_that_goes_back_gets_a_new_one()
    {
        await using var parceler = await StartAsync();
        var first = await DateAsync(parceler, $"{Feed}/Packages.gz");
        var unchanged = await DateAsync(parceler, "static/Packages.gz");
        unchanged.Should().Be(first);

        parceler.Clock.Advance(TimeSpan.FromMinutes(10));
        await SwitchAsync(parceler, Switch.Freeze, await parceler.SnapshotsAsync("netsec"));
        var second = await DateAsync(parceler, $"{Feed}/Packages.gz");
        second.Should().BeAfter(first);
        (await DateAsync(parceler, "static/Packages.gz")).Should().Be(unchanged);

        parceler.Clock.Advance(TimeSpan.FromMinutes(10));
        await parceler.Get<UnfreezeRepository>().RunAsync(s_name, Cancellation);
        await parceler.SettleAsync();
        var third = await DateAsync(parceler, $"{Feed}/Packages.gz");
        third.Should().BeAfter(second);
        (await DateAsync(parceler, "static/Packages.gz")).Should().Be(unchanged);

        await parceler.RestartAsync();
        (await DateAsync(parceler, $"{Feed}/Packages.gz")).Should().Be(third);
        (await DateAsync(parceler, "static/Packages.gz")).Should().Be(unchanged);
    }

    // Serving snapshot 1; snapshot 2 is an hour younger.
    private static async Task<TestParceler> StartAsync()
    {
        var parceler = await TestParceler.StartAsync();
        WriteState(parceler, 1);
        parceler.WriteUpstream("netsec", $"{Feed}/gone.json", "gone");
        parceler.WriteUpstream("netsec", "old/Packages.gz", "old");
        await parceler.CreateAsync("netsec");
        File.Delete(Path.Combine(parceler.UpstreamOf("netsec"), Feed, "gone.json"));
        Directory.Delete(Path.Combine(parceler.UpstreamOf("netsec"), "old"), recursive: true);
        WriteState(parceler, 2);
        parceler.Clock.Advance(TimeSpan.FromHours(1));
        await parceler.SyncAsync("netsec");
        return parceler;
    }

    private static void WriteState(TestParceler parceler, int number)
    {
        parceler.WriteUpstream("netsec", $"{Feed}/Packages.gz", $"index {number}");
        parceler.WriteUpstream("netsec", $"{Feed}/Packages.sig", $"signature {number}");
        parceler.WriteUpstream("netsec", "packages/other/Packages.gz", $"other {number}");
        parceler.WriteUpstream("netsec", $"{Feed}/rebuilt.ipk", $"rebuilt {number}");
        parceler.WriteUpstream("netsec", $"{Feed}/hello_{number}.ipk", $"hello {number}");
        parceler.WriteUpstream("netsec", "static/Packages.gz", "static");
        parceler.WriteUpstream("netsec", "latest_release", $"release {number}");
        File.Delete(Path.Combine(parceler.UpstreamOf("netsec"), Feed, $"hello_{number - 1}.ipk"));
    }

    private static async Task SwitchAsync(TestParceler parceler, Switch kind, List<string> snapshots, bool atOnce = false)
    {
        switch (kind)
        {
            case Switch.Freeze:
                await parceler.Get<FreezeRepository>().RunAsync(s_name, snapshots[1], atOnce, (_, _, _) => { }, Cancellation);
                break;
            case Switch.FreezeAndUnfreeze:
                await parceler.Get<DeleteSnapshots>().RunAsync(s_name, [snapshots[0]], atOnce, Cancellation);
                await parceler.Get<FreezeRepository>().RunAsync(s_name, null, atOnce, (_, _, _) => { }, Cancellation);
                await parceler.Get<UnfreezeRepository>().RunAsync(s_name, Cancellation);
                break;
            case Switch.Release:
                await parceler.Get<Parceler.Jobs.JobQueue>().EnqueueAsync(JobKinds.ReleaseOf(s_name, atOnce), Cancellation);
                await parceler.RunJobsAsync();
                break;
            case Switch.Delete:
                await parceler.Get<DeleteSnapshots>().RunAsync(s_name, [snapshots[0]], atOnce, Cancellation);
                break;
            case Switch.Edit:
                await parceler.Get<EditRepository>().RunAsync(s_name, settings => settings with { DelayDays = 0 }, Cancellation);
                break;
        }

        await parceler.SettleAsync();
    }

    // What was noted is written within a minute: no clock leaps before that.
    private static async Task AdvanceAsync(TestParceler parceler, int minutes)
    {
        await parceler.Get<LeaseStore>().FlushAsync(Cancellation);
        parceler.Clock.Advance(TimeSpan.FromMinutes(minutes));
    }

    private static async Task PassAsync(TestParceler parceler, TimeSpan time)
    {
        parceler.Clock.Advance(time);
        await parceler.SettleAsync();
    }

    private static async Task CollectAsync(TestParceler parceler)
    {
        await parceler.Get<Parceler.Jobs.JobQueue>().EnqueueAsync(JobKinds.CollectGarbage(), Cancellation);
        await parceler.RunJobsAsync();
    }

    private static async Task<string?> ReadAsNewAsync(TestParceler parceler, string path)
    {
        parceler.Licences.Allow("NEW", "s3cret");
        using var client = parceler.Client("NEW");
        using var answer = await client.GetAsync($"/repository/enterprise/netsec/{path}", Cancellation);
        return answer.StatusCode == HttpStatusCode.NotFound ? null : await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Cancellation);
    }

    // As a machine of its own sees it, so that no session keeps the date.
    private static async Task<DateTimeOffset> DateAsync(TestParceler parceler, string path)
    {
        var id = $"M-{Guid.NewGuid():N}";
        parceler.Licences.Allow(id, "s3cret");
        using var client = parceler.Client(id);
        using var answer = await client.GetAsync($"/repository/enterprise/netsec/{path}", Cancellation);
        return answer.EnsureSuccessStatusCode().Content.Headers.LastModified!.Value;
    }
}
