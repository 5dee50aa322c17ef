using Parceler.Entitlements;

namespace Parceler.Operators;

/// <summary>
/// Bounds how often passwords and tokens can be tried, in ten minutes: by one address, and for one name by all addresses together. From where an operator
/// has signed in before, only tries with his name from there count: nobody elsewhere, and nobody beside him who tries other names, locks him out.
/// </summary>
internal sealed class SignInGuesses(TimeProvider clock)
{
    public const int PerAddress = 10;
    public const int PerName = 50;
    public const int TokensPerAddress = 100; // no token is guessed: what is bounded is the work
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);
    private const int MostKeys = 65_536;
    private readonly Lock _gate = new();
    private readonly RecentCounts<AddressBlock> _addresses = new(Window, MostKeys);
    private readonly RecentCounts<string> _names = new(Window, MostKeys);
    private readonly RecentCounts<(string Name, AddressBlock From)> _known = new(Window, MostKeys);
    private readonly RecentCounts<AddressBlock> _tokens = new(Window, MostKeys);

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Counts a try before it is made, so that many at once are no way around; false when there were too many.</summary>
    public bool TryEnter(AccountName name, AddressBlock from, bool isKnownThere)
    {
        lock (_gate)
        {
            var now = Now;
            if (isKnownThere)
            {
                return TryCount(_known, (name.ToString(), from), PerAddress, now);
            }

            return _names.Of(name.ToString(), now) < PerName && TryCount(_addresses, from, PerAddress, now) && TryCount(_names, name.ToString(), PerName, now);
        }
    }

    public bool AreTooManyTokens(AddressBlock from)
    {
        lock (_gate)
        {
            return _tokens.Of(from, Now) >= TokensPerAddress;
        }
    }

    public void WrongToken(AddressBlock from)
    {
        lock (_gate)
        {
            _tokens.Add(from, Now);
        }
    }

    private static bool TryCount<TKey>(RecentCounts<TKey> counts, TKey key, int most, long now)
        where TKey : notnull
    {
        if (counts.Of(key, now) >= most)
        {
            return false;
        }

        counts.Add(key, now);
        return true;
    }
}
