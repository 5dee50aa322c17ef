namespace Parceler.Entitlements;

/// <summary>How many wrong credentials pass in ten minutes before their like is slowed down.</summary>
/// <param name="PerId">For one id, from addresses that guessed before; others have ten times as much, so that nobody locks out a machine whose id he knows.</param>
/// <param name="PerAddress">From one address, for all ids together: a whole fleet may be behind it.</param>
internal sealed record GuessLimits(int PerId = 20, int PerAddress = 300);

/// <summary>
/// Slows down those who guess credentials. What counts is credentials that were looked at and found wrong: not a request
/// without any, not what is known to be wrong, and never a machine that was allowed before, which is not asked about here.
/// </summary>
internal sealed class Guesses(GuessLimits limits, TimeProvider clock)
{
    private const int MostKeys = 65_536; // of each kind in each half: some 10 MB at most
    private const int ForOthers = 10;
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(10);
    private readonly Lock _gate = new();
    private readonly RecentCounts<AddressBlock> _addresses = new(s_window, MostKeys);
    private readonly RecentCounts<int> _ids = new(s_window, MostKeys);

    /// <summary>For tests: how many counters there are.</summary>
    public int Counters => _addresses.Keys + _ids.Keys;

    /// <summary>Whether credentials that nobody knows have to wait.</summary>
    /// <param name="idCounts">False where ids are labels that anybody may invent.</param>
    public bool AreTooMany(Tier tier, SystemId id, AddressBlock from, bool idCounts)
    {
        var now = Now;
        lock (_gate)
        {
            var ofAddress = _addresses.Of(from, now);
            return ofAddress >= limits.PerAddress || (idCounts && _ids.Of(KeyOf(tier, id), now) >= limits.PerId * (ofAddress < 1 ? ForOthers : 1));
        }
    }

    public void Wrong(Tier tier, SystemId id, AddressBlock from, bool idCounts)
    {
        var now = Now;
        lock (_gate)
        {
            _addresses.Add(from, now);
            if (idCounts)
            {
                _ids.Add(KeyOf(tier, id), now);
            }
        }
    }

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    // 32 bits, seeded per process: two ids that share a counter are rare, and nobody can choose them.
    private static int KeyOf(Tier tier, SystemId id) => HashCode.Combine(tier.Name, id);
}
