namespace Parceler.Entitlements;

/// <summary>How the machines of a tier are checked.</summary>
internal enum TierKind
{
    /// <summary>The authority is asked with the machine's own Basic credentials.</summary>
    Basic,

    /// <summary>The authority is asked with the machine's secret alone, and says how long the subscription runs.</summary>
    Token,

    /// <summary>Only the list that Parceler keeps decides.</summary>
    Local,
}

/// <summary>A class of entitlement: how its machines are checked, and for how long an allowance is kept without asking again.</summary>
internal sealed record Tier(TierName Name, TierKind Kind, Uri? Endpoint, TimeSpan Ttl)
{
    public static Tier Enterprise(Uri endpoint) => new(TierName.Parse("enterprise"), TierKind.Basic, endpoint, TimeSpan.FromDays(2));

    public static Tier Community(Uri endpoint) => new(TierName.Parse("community"), TierKind.Token, endpoint, TimeSpan.FromDays(1));

    public static Tier Local(TierName name) => new(name, TierKind.Local, null, TimeSpan.FromDays(1));
}
