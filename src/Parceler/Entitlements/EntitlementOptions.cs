namespace Parceler.Entitlements;

/// <summary>The settings of the entitlement check. The first of the keys is the current one, the others are for reading only.</summary>
internal sealed record EntitlementOptions(IReadOnlyList<Tier> Tiers, IReadOnlyList<byte[]> AppKeys)
{
    /// <summary>How long a machine stays allowed after its last confirmation while the authority gives no answer.</summary>
    public TimeSpan OutageGrace { get; init; } = TimeSpan.FromDays(7);

    public TimeSpan DenialTtl { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How many questions to authorities may be under way at once.</summary>
    public int AuthorityConcurrency { get; init; } = 64;

    /// <summary>How many machines are remembered at most.</summary>
    public int MaxMachines { get; init; } = 200_000;

    public AuthorityLimits Limits { get; init; } = new();

    public GuessLimits Guesses { get; init; } = new();
}

/// <summary>How much entitlement may cost at once.</summary>
/// <param name="AuthorityConcurrency">Questions to authorities under way.</param>
internal sealed record EntitlementLimits(int AuthorityConcurrency, AuthorityLimits Authority, GuessLimits Guesses);

/// <summary>How long an authority is waited for. Some clients give up after 5 s: an answer later than that helps them at their next request.</summary>
internal sealed record AuthorityLimits
{
    /// <summary>The limits for machines that wait so long in all.</summary>
    public static AuthorityLimits Of(TimeSpan whole) => new() { Try = whole / 2, Whole = whole, Request = whole, Turn = whole * 0.875 };

    public TimeSpan Try { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan Whole { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How long a request waits for its verdict, its turn included; the question goes on behind it.</summary>
    public TimeSpan Request { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How long a question waits for its turn while as many as may be are under way.</summary>
    public TimeSpan Turn { get; init; } = TimeSpan.FromSeconds(3.5);

    /// <summary>How long a machine waits that has an earlier allowance to lean on.</summary>
    public TimeSpan WithAllowance { get; init; } = TimeSpan.FromSeconds(1);
}
