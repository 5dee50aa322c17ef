using Parceler.Snapshots;

namespace Parceler.Releases;

/// <summary>The last N days (of 24 h) before a moment; what lies ahead of the clock counts as inside.</summary>
/// <remarks>Whole seconds of the Unix epoch, rounded both ways, so that no delay and no clock can overflow a date.</remarks>
internal readonly record struct DelayWindow
{
    private const long SecondsPerDay = 86_400;

    private readonly long _floor;
    private readonly long _ceiling;

    public DelayWindow(int days, DateTimeOffset now)
    {
        Days = days;
        _floor = now.ToUnixTimeSeconds();
        _ceiling = now.UtcTicks % TimeSpan.TicksPerSecond == 0 ? _floor : _floor + 1;
    }

    public int Days { get; }

    public long Seconds => Days * SecondsPerDay;

    public bool Holds(SnapshotInstant instant) => !IsAfter(instant.UnixSeconds + Seconds);

    public bool IsAfter(long unixSeconds) => _ceiling > unixSeconds;

    public bool IsAtOrAfter(long unixSeconds) => _floor >= unixSeconds;
}
