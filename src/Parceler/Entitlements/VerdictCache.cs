using System.Collections.Concurrent;

namespace Parceler.Entitlements;

/// <summary>
/// The standings in memory, bounded. Reading takes no lock. When it is full, the oldest go, and allowances last: invented
/// credentials push out each other, never a machine that is entitled.
/// </summary>
internal sealed class VerdictCache(int most)
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<MachineKey, Standing> _standings = new();
    private int _count;

    public int Count => _count;

    public Standing? Find(MachineKey machine) => _standings.GetValueOrDefault(machine);

    /// <summary>Takes a standing over and returns those that had to go for it.</summary>
    public IReadOnlyList<Standing> Put(Standing standing)
    {
        lock (_gate)
        {
            Set(standing);
            return _count > most ? Evict() : [];
        }
    }

    /// <summary>A denial that came in through another process ends an older allowance.</summary>
    public void Deny(Standing denial)
    {
        lock (_gate)
        {
            if (Find(denial.Machine) is { Word: LastWord.Allowed } known && known.AskedAt < denial.AskedAt)
            {
                Set(denial);
            }
        }
    }

    public bool Remove(MachineKey machine)
    {
        lock (_gate)
        {
            var removed = _standings.TryRemove(machine, out _);
            _count -= removed ? 1 : 0;
            return removed;
        }
    }

    private void Set(Standing standing)
    {
        if (_standings.TryAdd(standing.Machine, standing))
        {
            _count++;
        }
        else
        {
            _standings[standing.Machine] = standing;
        }
    }

    // A twentieth at once: looking through all of them is then rare.
    private List<Standing> Evict()
    {
        var gone = _standings
            .Values.OrderBy(s => s.Word is LastWord.Allowed)
            .ThenBy(s => s.Word is LastWord.None ? s.AskNotBefore : s.AskedAt)
            .Take(Math.Max(1, most / 20))
            .ToList();
        foreach (var standing in gone)
        {
            Remove(standing.Machine);
        }

        return gone;
    }
}
