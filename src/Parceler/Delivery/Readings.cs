using System.Collections.Concurrent;

namespace Parceler.Delivery;

/// <summary>What machines read last, in memory; bounded. Reading takes no lock.</summary>
internal sealed class Readings(LeaseRule rule, ClockEpoch epoch, int most = 400_000)
{
    private readonly ConcurrentDictionary<Reader, Reading> _readings = new();

    public int Count => _readings.Count;

    /// <summary>How many sessions go on. Looks at all of them: not for the request path.</summary>
    public int CountLive(long now) => _readings.Count(entry => !entry.Value.Serving.IsOver && rule.IsLive(entry.Value.Span, PathKind.Package, now));

    public Reading? Find(in Reader reader) => _readings.TryGetValue(reader, out var reading) ? reading : null;

    /// <summary>Starts a session in the place of another one; of two at once both get the first.</summary>
    /// <returns>The one that stands.</returns>
    public Reading Start(in Reader reader, Reading? before, ServedTree serving, long now)
    {
        var with = new Reading(serving, now, now, epoch.Current);
        if (before is not null)
        {
            return _readings.TryUpdate(reader, with, before) ? with : _readings.GetOrAdd(reader, with);
        }

        return _readings.GetOrAdd(reader, with);
    }

    /// <summary>Whether the clock was not set since the reading began, or since the database last said that it stands.</summary>
    public bool IsConfirmed(Reading reading) => reading.Epoch == epoch.Current;

    /// <summary>Every few seconds: a clock that is set is to be noticed without a request, too.</summary>
    public void NoticeClock() => _ = epoch.Current;

    public void Remove(in Reader reader, Reading reading) => _readings.TryRemove(KeyValuePair.Create(reader, reading));

    /// <summary>Takes over what the database knows.</summary>
    public void Take(Lease lease, ServedTree serving, long now)
    {
        serving.Use(lease.Span.RenewedAt);
        while (!TryTake(lease, serving, now))
        {
            // a request came in between
        }
    }

    /// <summary>Forgets what is over.</summary>
    public void Forget(long now)
    {
        foreach (var (reader, reading) in _readings)
        {
            if (reading.Serving.IsOver || now - reading.Span.RenewedAt >= (long)rule.Times.Hold.TotalMilliseconds)
            {
                _readings.TryRemove(KeyValuePair.Create(reader, reading));
            }
        }

        MakeRoom();
    }

    /// <summary>Beyond the memory that is meant for them, those go that were renewed least recently: no session, as long as there are enough others.</summary>
    public void MakeRoom()
    {
        foreach (var oldest in _readings.OrderBy(entry => entry.Value.Span.RenewedAt).Take(_readings.Count - most).ToList())
        {
            _readings.TryRemove(oldest);
        }
    }

    public static Lease LeaseOf(Reader reader, Reading reading) => new(reader, reading.Serving.SinceMilliseconds, reading.Span);

    private bool TryTake(Lease lease, ServedTree serving, long now)
    {
        var known = Find(lease.Reader);
        var here = known is { Serving.IsOver: false } ? LeaseOf(lease.Reader, known) : (Lease?)null;
        var merged = here is { } own ? Lease.Merge(own, lease, rule, now) : lease;
        var isWritten = merged.Since == lease.Since && merged.Span.StartedAt == lease.Span.StartedAt;
        if (here is { } kept && merged.Since == kept.Since && merged.Span.StartedAt == kept.Span.StartedAt)
        {
            if (!known!.TryRenew(kept.Span.RenewedAt, merged.Span.RenewedAt))
            {
                return false;
            }

            if (isWritten)
            {
                known.Written(lease.Span.RenewedAt);
                known.Confirm(epoch.Current);
            }

            return true;
        }

        var taken = new Reading(merged.Since == lease.Since ? serving : known!.Serving, merged.Span.StartedAt, merged.Span.RenewedAt, isWritten ? epoch.Current : known!.Epoch);
        taken.Written(isWritten ? lease.Span.RenewedAt : 0);
        return known is null ? _readings.TryAdd(lease.Reader, taken) : _readings.TryUpdate(lease.Reader, taken, known);
    }
}
