namespace Parceler.Entitlements;

/// <summary>
/// The questions under way: one for each machine, however many requests wait for it. A request that goes away does not
/// take the question with it. The answer is in the cache before anybody hears it.
/// </summary>
internal sealed class AuthorityCalls(
    LicenceAuthority authority,
    VerdictCache cache,
    VerdictStore store,
    EntitlementOptions options,
    TimeProvider clock
) : IDisposable
{
    private readonly Lock _gate = new();
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
    public AuthorityCall Ask(MachineKey machine, Tier tier, Credentials credentials)
    {
        lock (_gate)
        {
            if (!_running.TryGetValue(machine, out var call))
            {
                var answer = Task.Run(() => AskAsync(machine, tier, credentials));
                call = new(answer, TimeProvider.System.GetTimestamp());
                _running[machine] = call;
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

    private Task<Standing>[] Running()
    {
        lock (_gate)
        {
            return [.. _running.Values.Select(call => call.Answer)];
        }
    }

    private async Task<Standing> AskAsync(MachineKey machine, Tier tier, Credentials credentials)
    {
        try
        {
            var answer = await authority.AskAsync(tier, credentials, _closing.Token);
            return Take(machine, tier, answer);
        }
        finally
        {
            lock (_gate)
            {
                _running.Remove(machine);
            }
        }
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

/// <param name="Since">When it was asked: a timestamp of the machine's own clock.</param>
internal sealed record AuthorityCall(Task<Standing> Answer, long Since);
