using System.Collections.Concurrent;

namespace Parceler.Delivery;

/// <summary>What machines read last, in memory; bounded. Reading takes no lock.</summary>
internal sealed class Readings(LeaseRule rule, int most = 400_000)
{
    private readonly ConcurrentDictionary<Reader, Reading> _readings = new();

    public int Count => _readings.Count;

    /// <summary>How many sessions go on. Looks at all of them: not for the request path.</summary>
    public int CountLive(long now) => _readings.Count(entry => !entry.Value.Serving.IsOver && rule.IsLive(entry.Value.Span, PathKind.Package, now));

    public Reading? Find(in Reader reader) => _readings.TryGetValue(reader, out var reading) ? reading : null;

    /// <summary>Puts a reading in the place of another one; of two at once both get the first.</summary>
    /// <returns>The one that stands.</returns>
    public Reading Replace(in Reader reader, Reading? before, Reading with)
    {
        if (before is not null)
        {
            return _readings.TryUpdate(reader, with, before) ? with : _readings.GetOrAdd(reader, with);
        }

        return _readings.GetOrAdd(reader, with);
    }

    /// <summary>Takes over what the database decided.</summary>
    public void Put(Lease lease, ServedTree serving)
    {
        serving.Use(lease.Span.RenewedAt);
        var put = new Reading(serving, lease.Span.StartedAt, lease.Span.RenewedAt);
        put.Written(lease.Span.RenewedAt);
        _readings[lease.Reader] = put;
    }

    /// <summary>Takes over what another process knows.</summary>
    public void Take(Lease lease, ServedTree serving, long now)
    {
        serving.Use(lease.Span.RenewedAt);
        var known = Find(lease.Reader);
        var merged = known is { Serving.IsOver: false } ? Lease.Merge(LeaseOf(lease.Reader, known), lease, rule, now) : lease;
        if (known is not null && merged.Since == known.Serving.SinceMilliseconds && merged.Span.StartedAt == known.Span.StartedAt)
        {
            known.Renew(Math.Max(known.Span.RenewedAt, merged.Span.RenewedAt));
            known.Written(lease.Span.RenewedAt);
            return;
        }

        var taken = new Reading(merged.Since == lease.Since ? serving : known!.Serving, merged.Span.StartedAt, merged.Span.RenewedAt);
        taken.Written(lease.Span.RenewedAt);
        Replace(lease.Reader, known, taken);
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
}
