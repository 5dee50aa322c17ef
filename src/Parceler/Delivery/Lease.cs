using Parceler.Entitlements;

namespace Parceler.Delivery;

/// <summary>Who reads what: one machine in one repository.</summary>
internal readonly record struct Reader(string RepositoryId, MachineKey Machine)
{
    // The key is a hash already, and a machine reads few repositories.
    public override int GetHashCode() => Machine.GetHashCode();
}

/// <summary>A reading as the database keeps it.</summary>
/// <param name="Since">The serving whose index was read: when that serving began.</param>
internal readonly record struct Lease(Reader Reader, long Since, LeaseSpan Span)
{
    /// <summary>
    /// What two processes know of one machine, put together. A session only ever starts on what is served: the later serving is
    /// what came after. Of two on one serving the longer one; what is far ahead of the clock loses, and what is a little ahead was
    /// renewed now: the clock was set back, and may be again.
    /// </summary>
    public static Lease Merge(Lease known, Lease other, LeaseRule rule, long now)
    {
        if (known.Since != other.Since)
        {
            return known.Since > other.Since ? known : other;
        }

        if (rule.IsAhead(known.Span, now) != rule.IsAhead(other.Span, now))
        {
            return rule.IsAhead(known.Span, now) ? other : known;
        }

        var both = new LeaseSpan(Math.Max(known.Span.StartedAt, other.Span.StartedAt), Math.Max(known.Span.RenewedAt, other.Span.RenewedAt));
        return known with { Span = rule.IsAhead(both, now) ? both : both with { RenewedAt = Math.Min(both.RenewedAt, now) } };
    }
}
