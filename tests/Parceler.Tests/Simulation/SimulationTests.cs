using System.Globalization;
using Parceler.Delivery;

namespace Parceler.Tests.Simulation;

/// <summary>
/// A fleet against the engine, driven by a seed: the same one each time, so that a change is judged by what it changed. PARCELER_SEED
/// takes another one, and repeats a run that failed; PARCELER_SESSIONS makes it longer.
/// </summary>
[Trait("Speed", "slow")]
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int Machines = 16_000;

    [Theory]
    [InlineData(1, 11, 30_000)]
    [InlineData(2, 11, 30_000)]
    public async Task No_machine_ever_sees_two_snapshots_in_one_update_or_misses_a_file_that_an_index_names(int servers, int usualSeed, int usualSessions)
    {
        var seed = Setting("PARCELER_SEED", usualSeed);
        await using var fleet = new SimulatedFleet(seed, Machines, servers, SimulatedFleet.Times);
        var began = TimeProvider.System.GetTimestamp();

        try
        {
            await fleet.RunAsync(Setting("PARCELER_SESSIONS", usualSessions));
        }
        catch (BrokenSessionException e)
        {
            Assert.Fail($"PARCELER_SEED={seed} after {fleet.Sessions} sessions: {e.Message}");
        }

        output.WriteLine($"{servers} servers, seed {seed}, {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0} s: {fleet}");
        fleet.Log.Lines.Should().NotContain(line => line.Contains("goes on without", StringComparison.Ordinal));
        foreach (var (what, atLeast) in seed == usualSeed && fleet.Sessions >= usualSessions ? s_happensAtLeast : [])
        {
            fleet.History.Counts.GetValueOrDefault(what).Should().BeGreaterThanOrEqualTo(atLeast, what);
        }
    }

    [Fact]
    public async Task The_seed_repeats_all_that_happens()
    {
        (await HistoryAsync(seed: 3)).Should().Be(await HistoryAsync(seed: 3)).And.NotBe(await HistoryAsync(seed: 4));

        static async Task<string> HistoryAsync(int seed)
        {
            await using var fleet = new SimulatedFleet(seed, machines: 2_000, servers: 2, SimulatedFleet.Times);
            await fleet.RunAsync(2_500);
            return fleet.ToString();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Without_sessions_the_simulation_finds_a_machine_that_sees_two_snapshots(int servers)
    {
        await using var fleet = new SimulatedFleet(seed: 1, Machines, servers, SimulatedFleet.Times with { Quiet = TimeSpan.Zero });

        await fleet.Awaiting(f => f.RunAsync(20_000)).Should().ThrowAsync<BrokenSessionException>();
    }

    [Fact]
    public async Task Without_grace_the_simulation_finds_a_machine_that_misses_a_file()
    {
        await using var fleet = new SimulatedFleet(seed: 1, Machines, servers: 2, SimulatedFleet.Times with { Grace = TimeSpan.Zero });

        await fleet.Awaiting(f => f.RunAsync(100_000)).Should().ThrowAsync<BrokenSessionException>();
    }

    // In 30,000 sessions, some 8 hours.
    private static readonly (string What, int AtLeast)[] s_happensAtLeast =
    [
        ("syncs", 50),
        ("releases", 5),
        ("releases at once", 1),
        ("freezes", 5),
        ("freezes at once", 1),
        ("unfreezes", 5),
        ("edits", 8),
        ("deletes", 6),
        ("deletes at once", 1),
        ("collects", 8),
        ("stops", 4),
        ("clock goes back", 1),
        ("clock jumps ahead", 1),
        (SimulatedHistory.NotModified, 100),
    ];

    private static int Setting(string name, int usual) =>
        Environment.GetEnvironmentVariable(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;
}
