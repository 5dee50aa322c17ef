using System.Globalization;
using Parceler.Delivery;

namespace Parceler.Tests.Simulation;

/// <summary>
/// A fleet against the engine, driven by a seed. PARCELER_SESSIONS makes it longer; PARCELER_SEED repeats a run that failed.
/// </summary>
[Trait("Speed", "slow")]
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int Machines = 16_000;

    [Fact]
    public async Task No_machine_ever_sees_two_snapshots_in_one_update_or_misses_a_file_that_an_index_names()
    {
        var seed = Setting("PARCELER_SEED", Random.Shared.Next());
        await using var fleet = new SimulatedFleet(seed, Machines, SimulatedFleet.Times);
        var began = TimeProvider.System.GetTimestamp();

        try
        {
            await fleet.RunAsync(Setting("PARCELER_SESSIONS", 100_000));
        }
        catch (BrokenSessionException e)
        {
            Assert.Fail($"PARCELER_SEED={seed} after {fleet.Sessions} sessions: {e.Message}");
        }

        output.WriteLine($"seed {seed}: {fleet.Sessions} sessions, {fleet.Changes} changes, {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0} s");
        fleet.Log.Lines.Should().NotContain(line => line.Contains("goes on without", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_sessions_the_simulation_finds_a_machine_that_sees_two_snapshots()
    {
        await using var fleet = new SimulatedFleet(seed: 1, Machines, SimulatedFleet.Times with { Quiet = TimeSpan.Zero });

        await fleet.Awaiting(f => f.RunAsync(20_000)).Should().ThrowAsync<BrokenSessionException>();
    }

    [Fact]
    public async Task Without_grace_the_simulation_finds_a_machine_that_misses_a_file()
    {
        await using var fleet = new SimulatedFleet(seed: 1, Machines, SimulatedFleet.Times with { Grace = TimeSpan.Zero });

        await fleet.Awaiting(f => f.RunAsync(100_000)).Should().ThrowAsync<BrokenSessionException>();
    }

    private static int Setting(string name, int usual) =>
        Environment.GetEnvironmentVariable(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;
}
