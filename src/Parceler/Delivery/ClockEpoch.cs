namespace Parceler.Delivery;

/// <summary>
/// Counts how often this machine's clock was set. A session that was over by the clock may go on by the clock after it was set,
/// while another server started the next one: what was certain before is not certain any more.
/// </summary>
internal sealed class ClockEpoch
{
    private static readonly long s_drift = (long)TimeSpan.FromMinutes(2).TotalMilliseconds; // slewing is not setting
    private readonly TimeProvider _clock;
    private readonly long _start;
    private readonly Lock _changing = new();
    private long _offset;
    private volatile int _number;

    public ClockEpoch(TimeProvider clock)
    {
        _clock = clock;
        _start = clock.GetTimestamp();
        _offset = Offset();
    }

    /// <summary>The number of the epoch, from 0. It is to be looked at every few seconds, or a clock that is set to and fro goes unnoticed.</summary>
    public int Current
    {
        get
        {
            if (Math.Abs(Offset() - Volatile.Read(ref _offset)) > s_drift)
            {
                Begin();
            }

            return _number;
        }
    }

    private void Begin()
    {
        lock (_changing)
        {
            var offset = Offset();
            if (Math.Abs(offset - _offset) > s_drift)
            {
                _number++;
                Volatile.Write(ref _offset, offset);
            }
        }
    }

    // What the clock says beyond the time that really passed, in milliseconds.
    private long Offset() => _clock.GetUtcNow().ToUnixTimeMilliseconds() - (long)_clock.GetElapsedTime(_start).TotalMilliseconds;
}
