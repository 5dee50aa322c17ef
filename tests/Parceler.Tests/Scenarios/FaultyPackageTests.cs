using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Tests.Support;

namespace Parceler.Tests.Scenarios;

/// <summary>What an operator does about a faulty package: the four cases of docs/operations.md.</summary>
[Trait("Speed", "slow")]
public class FaultyPackageTests
{
    private static readonly RepositoryName s_name = RepositoryName.Parse("netsec");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Upstream_repairs_its_fault_before_the_nightly_sync_and_no_machine_ever_sees_it()
    {
        await using var parceler = await StartAsync();
        await parceler.PassAsync(days: 2);

        parceler.WriteUpstream("netsec", "Packages", "faulty");
        await parceler.PassAsync(hours: 2);
        parceler.WriteUpstream("netsec", "Packages", "repaired");

        (await parceler.ReadAsync("netsec", "Packages")).Should().Be("good");
        await parceler.PassAsync(days: 9);
        (await parceler.ReadAsync("netsec", "Packages")).Should().Be("repaired");
    }

    [Fact]
    public async Task The_faulty_snapshot_is_deleted_and_the_next_one_inside_the_delay_is_served()
    {
        await using var parceler = await StartAsync();
        await parceler.PassAsync(days: 2);
        parceler.WriteUpstream("netsec", "Packages", "faulty");
        await parceler.PassAsync(days: 1);
        parceler.WriteUpstream("netsec", "Packages", "repaired");
        await parceler.PassAsync(days: 6);
        (await parceler.ReadAsync("netsec", "Packages")).Should().Be("faulty");

        var faulty = (await parceler.SnapshotsAsync("netsec")).Where(s => s.StartsWith("2026-09-04", StringComparison.Ordinal)).ToList();
        await parceler.Get<DeleteSnapshots>().RunAsync(s_name, faulty, false, Cancellation);
        await parceler.PassAsync(hours: 1); // the machine's session ends

        (await parceler.ReadAsync("netsec", "Packages")).Should().Be("repaired");
    }

    [Fact]
    public async Task With_a_fix_upstream_a_manual_sync_and_the_deletion_of_the_faulty_snapshots_bring_the_fix()
    {
        await using var parceler = await StartAsync();
        await parceler.PassAsync(days: 1);
        parceler.WriteUpstream("netsec", "Packages", "faulty");
        await parceler.PassAsync(days: 9);
        (await parceler.ReadAsync("netsec", "Packages")).Should().Be("faulty");

        var faulty = await parceler.SnapshotsAsync("netsec");
        parceler.WriteUpstream("netsec", "Packages", "fixed");
        await parceler.SyncAsync("netsec");
        await parceler.Get<DeleteSnapshots>().RunAsync(s_name, faulty, true, Cancellation);
        await parceler.SettleAsync();

        (await parceler.ReadAsync("netsec", "Packages")).Should().Be("fixed");
    }

    [Fact]
    public async Task Without_a_fix_a_freeze_holds_the_good_snapshot_until_the_fix_has_come_and_the_repository_is_unfrozen()
    {
        await using var parceler = await StartAsync();
        await parceler.PassAsync(days: 3);
        parceler.WriteUpstream("netsec", "Packages", "faulty");
        await parceler.PassAsync(days: 1);

        await parceler.Get<FreezeRepository>().RunAsync(s_name, null, false, (_, _, _) => { }, Cancellation);
        await parceler.PassAsync(days: 20);
        (await parceler.ReadAsync("netsec", "Packages")).Should().Be("good", "syncs go on, but a frozen repository serves what it was frozen at");

        parceler.WriteUpstream("netsec", "Packages", "fixed");
        await parceler.PassAsync(days: 9);
        await parceler.Get<UnfreezeRepository>().RunAsync(s_name, Cancellation);
        await parceler.SettleAsync();

        (await parceler.ReadAsync("netsec", "Packages")).Should().Be("fixed", "the faulty snapshots have left the delay meanwhile");
    }

    [Fact]
    public async Task A_release_serves_what_upstream_has_now_lifts_the_freeze_and_drops_what_is_older()
    {
        await using var parceler = await StartAsync();
        await parceler.PassAsync(days: 3);
        await parceler.Get<FreezeRepository>().RunAsync(s_name, null, false, (_, _, _) => { }, Cancellation);
        parceler.WriteUpstream("netsec", "Packages", "urgent");

        using var client = parceler.Client(id: null);
        client.DefaultRequestHeaders.Authorization = new("Bearer", "release-token");
        using var answer = await client.PostAsync(new Uri("/repository/netsec/release", UriKind.Relative), null, Cancellation);
        await parceler.RunJobsAsync();

        answer.StatusCode.Should().Be(System.Net.HttpStatusCode.Accepted);
        (await parceler.ReadAsync("netsec", "Packages")).Should().Be("urgent");
        await parceler.PassAsync(days: 6);
        (await parceler.ReadAsync("netsec", "Packages")).Should().Be("urgent");
        (await parceler.SnapshotsAsync("netsec")).Should().OnlyContain(s => string.CompareOrdinal(s, "2026-09-04") > 0);
    }

    private static async Task<TestParceler> StartAsync()
    {
        var parceler = await TestParceler.StartAsync();
        parceler.WriteUpstream("netsec", "Packages", "good");
        await parceler.CreateAsync("netsec");
        return parceler;
    }
}
