namespace Parceler.Entitlements;

/// <summary>
/// Looks at secrets of listed machines: slow, by design. One look for each secret, however many requests wait for it, and few
/// at a time: downloads need the rest of the processors.
/// </summary>
internal sealed class SecretChecks(Guesses guesses, TimeProvider clock)
{
    private const int MostInLine = 256;
    public static readonly Verdict TooManyGuesses = new Verdict.Unknown("too many wrong credentials came for this id or from this address");
    private static readonly Verdict s_tooMany = new Verdict.Busy("too many secrets are being checked");
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);
    private readonly Lock _gate = new();
    private readonly FairPlaces _places = new(Math.Max(1, Environment.ProcessorCount / 2), MostInLine, s_patience);
    private readonly Dictionary<MachineKey, Task<Verdict>> _running = [];

    /// <summary>Joins the look at this secret, or looks.</summary>
    public Task<Verdict> LookAsync(LocalMachine listed, MachineKey key, Tier tier, Credentials credentials, AddressBlock from)
    {
        lock (_gate)
        {
            if (!_running.TryGetValue(key, out var look))
            {
                look = Task.Run(() => LookInTurnAsync(listed, key, tier, credentials, from));
                _running[key] = look;
            }

            return look;
        }
    }

    private async Task<Verdict> LookInTurnAsync(LocalMachine listed, MachineKey key, Tier tier, Credentials credentials, AddressBlock from)
    {
        try
        {
            if (!await _places.TryEnterAsync(from, mayWaitLong: true, CancellationToken.None))
            {
                return s_tooMany;
            }

            try
            {
                return listed.Judge(key, clock.GetUtcNow()) ?? Look(listed, key, tier, credentials, from);
            }
            finally
            {
                _places.Leave();
            }
        }
        finally
        {
            lock (_gate)
            {
                _running.Remove(key);
            }
        }
    }

    private Verdict Look(LocalMachine listed, MachineKey key, Tier tier, Credentials credentials, AddressBlock from)
    {
        if (guesses.AreTooMany(tier, credentials.Id, from, idCounts: true))
        {
            return TooManyGuesses;
        }

        var verdict = listed.Check(key, credentials.Secret, clock.GetUtcNow(), out var fits);
        if (!fits)
        {
            guesses.Wrong(tier, credentials.Id, from, idCounts: true);
        }

        return verdict;
    }
}
