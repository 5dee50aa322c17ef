namespace Parceler.Entitlements;

/// <summary>
/// The questions under way: one for each machine, however many requests wait for it, and so many at a time; the rest wait
/// for their turn. A request that goes away does not take the question with it. The answer is in the cache before anybody hears it.
/// </summary>
internal sealed class AuthorityCalls(
    LicenceAuthority authority,
    VerdictCache cache,
    VerdictStore store,
    VerdictExchange exchange,
    Guesses guesses,
    EntitlementOptions options,
    TimeProvider clock
) : IDisposable
{
    private const int WaitingPerPlace = 16; // more could not be answered in time
    private readonly Lock _gate = new();
    private readonly FairPlaces _places = new(options.AuthorityConcurrency, options.AuthorityConcurrency * WaitingPerPlace, options.Limits.Turn);
    private readonly Dictionary<MachineKey, AuthorityCall> _running = [];
    private readonly CancellationTokenSource _closing = new();

    /// <summary>How many questions are under way.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _running.Count;
            }
        }
    }

    /// <summary>Joins the question about this machine, or asks it.</summary>
    /// <param name="isUrgent">False while a request has its verdict without the answer.</param>
    public AuthorityCall Ask(MachineKey machine, Tier tier, Credentials credentials, AddressBlock from, bool isUrgent)
    {
        lock (_gate)
        {
            if (!_running.TryGetValue(machine, out var call))
            {
                call = new();
                _running[machine] = call;
                call.Begin(begun => AskAsync(begun, machine, tier, credentials, from, isUrgent));
            }

            return call;
        }
    }

    /// <summary>Waits until no question is under way.</summary>
    public async Task WhenQuietAsync(CancellationToken cancellation)
    {
        while (Running() is { Length: > 0 } running)
        {
            await Task.WhenAll(running).WaitAsync(cancellation);
        }
    }

    public void Dispose()
    {
        _closing.Cancel();
        _closing.Dispose();
    }

    private Task<Standing?>[] Running()
    {
        lock (_gate)
        {
            return [.. _running.Values.Select(call => call.Answer)];
        }
    }

    private async Task<Standing?> AskAsync(AuthorityCall call, MachineKey machine, Tier tier, Credentials credentials, AddressBlock from, bool isUrgent)
    {
        try
        {
            return await _places.TryEnterAsync(from, isUrgent, _closing.Token) ? await AskInTurnAsync(call, machine, tier, credentials, from) : null;
        }
        finally
        {
            lock (_gate)
            {
                _running.Remove(machine);
            }
        }
    }

    private async Task<Standing?> AskInTurnAsync(AuthorityCall call, MachineKey machine, Tier tier, Credentials credentials, AddressBlock from)
    {
        try
        {
            var before = cache.Find(machine);
            if (before?.At(clock.GetUtcNow(), options.OutageGrace).Asking is Asking.No)
            {
                return before; // answered between the look at the cache and this question
            }

            var idCounts = tier.Kind is not TierKind.Token;
            if (before is not { Word: LastWord.Allowed } && guesses.AreTooMany(tier, credentials.Id, from, idCounts))
            {
                return null; // so they became while it waited
            }

            if (await HeardElsewhereAsync(machine, before) is { } heard)
            {
                return heard;
            }

            call.IsAsked = true;
            var after = Take(machine, tier, await authority.AskAsync(tier, credentials, _closing.Token));
            if (after.Word is not LastWord.None && after != before)
            {
                await exchange.TellAsync(after, _closing.Token);
            }

            if (after.Word is LastWord.Denied && before is null or { Word: LastWord.None })
            {
                guesses.Wrong(tier, credentials.Id, from, idCounts);
            }

            return after;
        }
        finally
        {
            _places.Leave();
        }
    }

    private async Task<Standing?> HeardElsewhereAsync(MachineKey machine, Standing? before)
    {
        if (await exchange.FindAsync(machine, _closing.Token) is not { } heard || (before is not null && heard.AskedAt <= before.AskedAt) || heard.At(clock.GetUtcNow(), options.OutageGrace).Asking is not Asking.No)
        {
            return null;
        }

        cache.Put(heard);
        return heard;
    }

    private Standing Take(MachineKey machine, Tier tier, AuthorityAnswer answer)
    {
        var before = cache.Find(machine) ?? Standing.Never(machine, tier.Name);
        var pause = TimeSpan.FromSeconds(10 + (20 * Random.Shared.NextDouble())); // not all of them at once
        var after = before.After(answer, clock.GetUtcNow(), tier.Ttl, options.DenialTtl, pause);
        foreach (var gone in cache.Put(after).Where(s => s.Word is LastWord.Allowed))
        {
            store.Forget(gone.Machine); // a denial that comes later would not know of it
        }

        if (answer is AuthorityAnswer.Allowed || (answer is AuthorityAnswer.Denied && before.Word is LastWord.Allowed))
        {
            store.Keep(after);
        }

        return after;
    }
}

/// <summary>A question about one machine, in the line or under way.</summary>
internal sealed class AuthorityCall
{
    private volatile bool _isAsked;

    /// <summary>When it joined the line: a timestamp of the machine's own clock.</summary>
    public long Since { get; } = TimeProvider.System.GetTimestamp();

    /// <summary>Null when the question was not asked: its turn did not come in time.</summary>
    public Task<Standing?> Answer { get; private set; } = Task.FromResult<Standing?>(null);

    /// <summary>Its turn came.</summary>
    public bool IsAsked
    {
        get => _isAsked;
        set => _isAsked = value;
    }

    public void Begin(Func<AuthorityCall, Task<Standing?>> ask) => Answer = Task.Run(() => ask(this));
}
