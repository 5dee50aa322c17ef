namespace Parceler.Tests.Simulation;

/// <summary>A clock that can be set to any time, also back.</summary>
internal sealed class SimulatedClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = DateTimeOffset.Parse("2026-09-01T06:00:00Z", null);

    public override DateTimeOffset GetUtcNow() => Now;
}
