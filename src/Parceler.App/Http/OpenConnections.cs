using Microsoft.AspNetCore.Connections;
using Parceler.Entitlements;

namespace Parceler.App.Http;

/// <summary>
/// The open connections, bounded. At the bound idle ones are closed to make room, of the address that has most first; what
/// comes when none can be closed is answered 503 at its first request.
/// </summary>
internal sealed class OpenConnections(ServiceLimits limits)
{
    private const int RoomInShares = 50; // so much is made at once: looking at all of them is then rare
    private const int GreatShare = 4; // who has more than a quarter of all gives way also with those that are in use
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(100);
    private readonly Lock _gate = new();
    private readonly HashSet<OpenConnection> _open = [];
    private long _noRoomAt = long.MinValue / 2;
    private volatile int _excess;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _open.Count;
            }
        }
    }

    /// <summary>How many connections beyond the bound get an answer; others only get closed.</summary>
    public static int MostExcess(ServiceLimits limits) => Math.Max(64, limits.Connections / 20);

    /// <summary>A part of every connection, before TLS.</summary>
    public ConnectionDelegate Follow(ConnectionDelegate next) =>
        async connection =>
        {
            var open = new OpenConnection(connection);
            Add(open);
            if (open.IsExcess)
            {
                connection.Features.Set(open);
            }

            try
            {
                await next(connection);
            }
            finally
            {
                Remove(open);
            }
        };

    /// <summary>Whether a request came on a connection that is one too many.</summary>
    public bool IsExcess(HttpContext http) => _excess > 0 && http.Features.Get<OpenConnection>() is not null;

    /// <summary>Closes idle connections, of the addresses that have most first, down to an equal share.</summary>
    /// <param name="newcomer">For whom room is made; none for a rest.</param>
    public bool Shed(int count, AddressBlock? newcomer)
    {
        List<OpenConnection> all;
        lock (_gate)
        {
            all = [.. _open];
        }

        var chosen = Choose(all, count, newcomer);
        foreach (var open in chosen)
        {
            Remove(open);
            open.Close();
        }

        return chosen.Count > 0;
    }

    /// <summary>Those that give way.</summary>
    private List<OpenConnection> Choose(List<OpenConnection> all, int count, AddressBlock? newcomer)
    {
        var byAddress = all.GroupBy(open => open.From).Select(group => (From: group.Key, Own: group.ToList())).OrderByDescending(group => group.Own.Count).ToList();
        var share = ShareOf(byAddress.ConvertAll(group => group.Own.Count), count);
        var chosen = new List<OpenConnection>();
        foreach (var (from, own) in byAddress.TakeWhile(group => group.Own.Count > share && chosen.Count < count))
        {
            var least = newcomer is { } other && from != other && own.Count > limits.Connections / GreatShare ? TimeSpan.Zero : s_idle;
            var idle = own.Select(open => (Open: open, Idle: open.Idle())).Where(open => open.Idle >= least).OrderByDescending(open => open.Idle);
            chosen.AddRange(idle.Take(Math.Min(own.Count - share, count - chosen.Count)).Select(open => open.Open));
        }

        return chosen;
    }

    // How many each address may keep so that the others together give way with as many.
    private static int ShareOf(List<int> counts, int wanted)
    {
        var sum = 0;
        for (var i = 0; i < counts.Count; i++)
        {
            sum += counts[i];
            var share = (sum - wanted) / (i + 1);
            if (sum >= wanted && (i + 1 == counts.Count || share >= counts[i + 1]))
            {
                return share;
            }
        }

        return 0;
    }

    private void Add(OpenConnection open)
    {
        if (TryAdd(open) || (MakeRoom(open.From) && TryAdd(open)))
        {
            return;
        }

        open.IsExcess = true;
        Interlocked.Increment(ref _excess);
    }

    private bool MakeRoom(AddressBlock newcomer)
    {
        if (TimeProvider.System.GetElapsedTime(Volatile.Read(ref _noRoomAt)) < s_between)
        {
            return false;
        }

        if (Shed(Math.Max(1, limits.Connections / RoomInShares), newcomer))
        {
            return true;
        }

        Volatile.Write(ref _noRoomAt, TimeProvider.System.GetTimestamp());
        return false;
    }

    private bool TryAdd(OpenConnection open)
    {
        lock (_gate)
        {
            return _open.Count < limits.Connections && _open.Add(open);
        }
    }

    private void Remove(OpenConnection open)
    {
        if (open.IsExcess)
        {
            Interlocked.Decrement(ref _excess);
            return;
        }

        lock (_gate)
        {
            _open.Remove(open);
        }
    }
}
