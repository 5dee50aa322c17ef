using Parceler.Database;
using Parceler.Delivery;
using Parceler.Jobs;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Tests.Support;

namespace Parceler.Tests.Scenarios;

/// <summary>Several web servers on one storage: a machine may ask another one each time, and still sees one snapshot.</summary>
[Collection(nameof(Alone))]
[Trait("Speed", "slow")]
public class TwoWebServersTests
{
    private static readonly RepositoryName s_name = RepositoryName.Parse("netsec");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_update_that_began_at_one_server_ends_at_the_other_on_the_same_snapshot()
    {
        await using var first = await StartAsync();
        await using var second = await first.StartAnotherAsync();
        (await first.ReadAsync("netsec", "Packages.gz")).Should().Be("index 1");

        await first.Get<FreezeRepository>().RunAsync(s_name, (await first.SnapshotsAsync("netsec"))[1], false, (_, _, _) => { }, Cancellation);

        (await second.ReadAsync("netsec", "Packages.sig")).Should().Be("signature 1");
        await second.SettleAsync();
        (await second.ReadAsync("netsec", "Packages.sig")).Should().Be("signature 1");
    }

    [Fact]
    public async Task Under_one_switch_after_the_other_every_machine_sees_one_snapshot()
    {
        await using var first = await StartAsync();
        await using var second = await first.StartAnotherAsync();
        var snapshots = await first.SnapshotsAsync("netsec");
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var machines = Enumerable.Range(0, 8).Select(number => UpdateAgainAndAgainAsync(first, second, number, ending.Token)).ToList();
        var switches = 0;
        while (switches < 40)
        {
            await first.Get<FreezeRepository>().RunAsync(s_name, snapshots[1], false, (_, _, _) => { }, Cancellation);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
            await second.Get<UnfreezeRepository>().RunAsync(s_name, Cancellation);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
            switches += 2;
        }

        await ending.CancelAsync();
        var updates = await Task.WhenAll(machines);

        updates.Sum(update => update.Mixed).Should().Be(0, "an index and its signature are always of one snapshot");
        updates.Sum(update => update.Count).Should().BeGreaterThan(40);
        first.Log.Lines.Should().NotContain(line => line.Contains("goes on without", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_died_is_not_waited_for_and_an_announcement_whose_process_died_is_void_after_a_while()
    {
        await using var parceler = await StartAsync();
        await parceler.Get<ParcelerDb>().WriteAsync(LeaveTracesAsync, Cancellation);
        await parceler.SettleAsync();
        parceler.Get<StandingSwitches>().Any.Should().BeTrue();
        (await parceler.ReadAsync("netsec", "Packages.gz")).Should().Be("index 1", "the database decides, and all goes on");

        var began = TimeProvider.System.GetTimestamp();
        await parceler.Get<FreezeRepository>().RunAsync(s_name, (await parceler.SnapshotsAsync("netsec"))[1], false, (_, _, _) => { }, Cancellation);
        TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(4));

        parceler.Clock.Advance(TimeSpan.FromSeconds(31));
        await parceler.SettleAsync();
        parceler.Get<StandingSwitches>().Any.Should().BeFalse();
        (await parceler.ReadAsync("netsec", "Packages.sig")).Should().Be("signature 1");

        async Task LeaveTracesAsync(DbSession session)
        {
            var now = parceler.Clock.GetUtcNow().ToDb();
            await session.ExecuteAsync("insert into announced_switches (repository_id, announced_at) select id, @now from repositories", ("@now", now));
            await session.AnnounceAsync(Topics.Switches);
            await session.ExecuteAsync(
                "insert into workers (id, role, host, pid, last_seen) values (@id, 'web', @host, 4194300, @now)",
                ("@id", $"{WorkerRegister.ThisHost}:4194300:1/1"),
                ("@host", WorkerRegister.ThisHost),
                ("@now", now)
            );
        }
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_named_and_holds_a_switch_for_a_few_seconds_only()
    {
        await using var parceler = await StartAsync();
        await parceler.Get<WorkerRegister>().SayAliveAsync($"{WorkerRegister.ThisProcess}/mute", ProcessRoles.Web, Cancellation);

        await parceler.Get<FreezeRepository>().RunAsync(s_name, (await parceler.SnapshotsAsync("netsec"))[1], false, (_, _, _) => { }, Cancellation);

        parceler.Log.Lines.Should().ContainSingle(line => line.Contains("goes on without", StringComparison.Ordinal)).Which.Should().Contain("/mute");
    }

    [Fact]
    public async Task A_renewal_at_one_server_is_known_at_the_other()
    {
        await using var first = await StartAsync();
        await using var second = await first.StartAnotherAsync();
        (await first.ReadAsync("netsec", "Packages.gz")).Should().Be("index 1");
        await first.Get<FreezeRepository>().RunAsync(s_name, (await first.SnapshotsAsync("netsec"))[1], false, (_, _, _) => { }, Cancellation);
        for (var minutes = 0; minutes < 80; minutes += 20)
        {
            first.Clock.Advance(TimeSpan.FromMinutes(20));
            (await first.ReadAsync("netsec", "Packages.sig")).Should().Be("signature 1");
            await first.Get<LeaseStore>().FlushAsync(Cancellation);
        }

        await second.SettleAsync();

        (await second.ReadAsync("netsec", "Packages.sig")).Should().Be("signature 1");
    }

    [Fact]
    public async Task A_session_ends_at_all_servers_at_once()
    {
        await using var first = await StartAsync();
        await using var second = await first.StartAnotherAsync();
        (await first.ReadAsync("netsec", "Packages.gz")).Should().Be("index 1");
        await first.Get<FreezeRepository>().RunAsync(s_name, (await first.SnapshotsAsync("netsec"))[1], false, (_, _, _) => { }, Cancellation);
        await second.SettleAsync();
        for (var minutes = 0; minutes < 360; minutes += 45)
        {
            first.Clock.Advance(TimeSpan.FromMinutes(45));
            (await second.ReadAsync("netsec", "Packages.sig")).Should().Be("signature 1");
            (await first.ReadAsync("netsec", "Packages.sig")).Should().Be("signature 1");
        }

        first.Clock.Advance(TimeSpan.FromMinutes(6));

        (await first.ReadAsync("netsec", "Packages.gz")).Should().Be("index 2", "the session is older than six hours, and it was quiet");
        (await second.ReadAsync("netsec", "Packages.sig")).Should().Be("signature 2");
    }

    [Fact]
    public async Task A_renewal_just_before_the_age_at_which_sessions_end_counts_at_the_other_server()
    {
        await using var first = await StartAsync();
        await using var second = await first.StartAnotherAsync();
        (await first.ReadAsync("netsec", "Packages.gz")).Should().Be("index 1");
        await first.Get<FreezeRepository>().RunAsync(s_name, (await first.SnapshotsAsync("netsec"))[1], false, (_, _, _) => { }, Cancellation);
        await second.SettleAsync();
        for (var minutes = 0; minutes < 315; minutes += 45)
        {
            first.Clock.Advance(TimeSpan.FromMinutes(45));
            (await second.ReadAsync("netsec", "Packages.sig")).Should().Be("signature 1");
            await second.Get<LeaseStore>().FlushAsync(Cancellation);
            await first.SettleAsync();
        }

        first.Clock.Advance(TimeSpan.FromMinutes(45) - TimeSpan.FromSeconds(2));
        (await first.ReadAsync("netsec", "Packages.gz")).Should().Be("index 1");
        first.Clock.Advance(TimeSpan.FromSeconds(3));

        (await second.ReadAsync("netsec", "Packages.gz")).Should().Be("index 1", "older than six hours, but not quiet");
    }

    [Fact]
    public async Task A_server_that_joins_knows_the_sessions_of_the_one_that_was_alone()
    {
        await using var first = await StartAsync();
        (await first.ReadAsync("netsec", "Packages.gz")).Should().Be("index 1");
        await first.Get<FreezeRepository>().RunAsync(s_name, (await first.SnapshotsAsync("netsec"))[1], false, (_, _, _) => { }, Cancellation);
        await first.SettleAsync();
        first.Clock.Advance(TimeSpan.FromMinutes(61));
        (await first.ReadAsync("netsec", "Packages.gz")).Should().Be("index 2", "the first session is over");

        await using var second = await first.StartAnotherAsync();

        (await second.ReadAsync("netsec", "hello.ipk")).Should().Be("hello 2", "its index is the second one, whatever the other server has written yet");
    }

    // Serving snapshot 1; snapshot 2 is an hour younger.
    private static async Task<TestParceler> StartAsync()
    {
        var parceler = await TestParceler.StartAsync(new() { ["AUTHORITY_WAIT_S"] = "60" });
        foreach (var number in new[] { 1, 2 })
        {
            parceler.WriteUpstream("netsec", "Packages.gz", $"index {number}");
            parceler.WriteUpstream("netsec", "Packages.sig", $"signature {number}");
            parceler.WriteUpstream("netsec", "hello.ipk", $"hello {number}");
            await (number == 1 ? parceler.CreateAsync("netsec") : parceler.SyncAsync("netsec"));
            parceler.Clock.Advance(TimeSpan.FromHours(1));
        }

        return parceler;
    }

    // Each time as a machine that was never seen before, once at each server.
    private static async Task<(int Count, int Mixed)> UpdateAgainAndAgainAsync(TestParceler first, TestParceler second, int number, CancellationToken cancellation)
    {
        var (count, mixed) = (0, 0);
        while (!cancellation.IsCancellationRequested)
        {
            var id = $"M-{number}-{count}";
            first.Licences.Allow(id, "s3cret");
            using var one = (count % 2 == 0 ? first : second).Client(id);
            using var other = (count % 2 == 0 ? second : first).Client(id);
            var index = await one.GetStringAsync("/repository/enterprise/netsec/Packages.gz", Cancellation);
            var signature = await other.GetStringAsync("/repository/enterprise/netsec/Packages.sig", Cancellation);
            mixed += index[^1] == signature[^1] ? 0 : 1;
            count++;
        }

        return (count, mixed);
    }
}
