namespace Parceler.Entitlements;

/// <summary>What came back from a licence authority.</summary>
internal abstract record AuthorityAnswer
{
    private AuthorityAnswer() { }

    /// <param name="ValidUntil">The end of the subscription, where the authority tells it.</param>
    public sealed record Allowed(DateTimeOffset? ValidUntil) : AuthorityAnswer;

    public sealed record Denied(string Reason) : AuthorityAnswer;

    /// <param name="Reason">Why this is no answer; of a status, never of a body.</param>
    /// <param name="IsOutage">It speaks of the authority's state. A status that a machine can provoke by what it sends does not: it must not stop the others.</param>
    /// <param name="MayPass">Another try at once has a chance.</param>
    public sealed record None(string Reason, bool IsOutage, bool MayPass) : AuthorityAnswer;
}
