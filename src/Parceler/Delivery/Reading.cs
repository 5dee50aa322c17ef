namespace Parceler.Delivery;

/// <summary>What one machine read last in one repository: its session, and what is left of it for the grace period.</summary>
internal sealed class Reading(ServedTree serving, long startedAt, long renewedAt, int epoch)
{
    private long _renewedAt = renewedAt;
    private long _writtenAt;
    private volatile int _epoch = epoch;
    private volatile bool _isNoted;

    public ServedTree Serving => serving;

    public LeaseSpan Span => new(startedAt, Volatile.Read(ref _renewedAt));

    /// <summary>Whether the database knows it, and so every process that looks there.</summary>
    public bool IsWritten => Volatile.Read(ref _writtenAt) != 0;

    /// <summary>The last renewal that the database knows.</summary>
    public long WrittenAt => Volatile.Read(ref _writtenAt);

    /// <summary>The <see cref="ClockEpoch"/> in which it started, or in which the database last said that it stands.</summary>
    public int Epoch => _epoch;

    public void Renew(long now) => Volatile.Write(ref _renewedAt, now);

    /// <summary>Renews it unless another renewal came in between.</summary>
    public bool TryRenew(long from, long to) => Interlocked.CompareExchange(ref _renewedAt, to, from) == from;

    public void Written(long renewedAt) => Volatile.Write(ref _writtenAt, renewedAt);

    public void Confirm(int epoch) => _epoch = epoch;

    /// <summary>Notes that the database is to learn of it.</summary>
    /// <returns>False when that was noted before.</returns>
    public bool Note()
    {
        if (_isNoted)
        {
            return false;
        }

        _isNoted = true;
        return true;
    }

    /// <summary>What comes from now on is to be noted anew.</summary>
    public void TakeNote() => _isNoted = false;
}
