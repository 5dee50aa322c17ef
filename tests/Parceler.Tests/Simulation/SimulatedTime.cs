namespace Parceler.Tests.Simulation;

/// <summary>How much time has passed, and what the clocks say: they can be set, also back, and differ a little.</summary>
internal sealed class SimulatedTime
{
    private static readonly DateTimeOffset s_start = DateTimeOffset.Parse("2026-09-01T06:00:00Z", null);
    private TimeSpan _set;

    /// <summary>Since the beginning; it only grows.</summary>
    public TimeSpan Passed { get; private set; }

    public void PassUntil(TimeSpan instant) => Passed = instant > Passed ? instant : Passed;

    /// <summary>Sets all clocks.</summary>
    public void Set(TimeSpan by) => _set += by;

    /// <summary>A clock that is ahead of the others by so much.</summary>
    public TimeProvider ClockAhead(TimeSpan by) => new Clock(this, by);

    private sealed class Clock(SimulatedTime time, TimeSpan ahead) : TimeProvider
    {
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => time.Passed.Ticks;

        public override DateTimeOffset GetUtcNow() => s_start + time.Passed + time._set + ahead;
    }
}
