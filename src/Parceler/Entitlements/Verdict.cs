namespace Parceler.Entitlements;

/// <summary>What is known of a machine's entitlement: allowed until an instant, denied, or unknown. Reasons never hold a secret.</summary>
internal abstract record Verdict
{
    private Verdict() { }

    /// <param name="Until">As far as is known now: a denial may come before. Look again at every request.</param>
    public sealed record Allowed(DateTimeOffset Until) : Verdict;

    public sealed record Denied(string Reason) : Verdict;

    /// <summary>The authority gave no answer, and there is no earlier allowance to lean on.</summary>
    public sealed record Unknown(string Reason) : Verdict;

    /// <summary>Nobody has looked: too much comes at once. Soon again.</summary>
    public sealed record Busy(string Reason) : Verdict;
}
