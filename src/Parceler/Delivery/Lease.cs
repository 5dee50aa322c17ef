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
    /// What two processes know of one machine, put together: the session that started later, and of two on one serving the
    /// longer. What is ahead of the clock loses.
    /// </summary>
    public static Lease Merge(Lease known, Lease other, LeaseRule rule, long now)
    {
        if (rule.IsAhead(known.Span, now) || rule.IsAhead(other.Span, now))
        {
            return rule.IsAhead(other.Span, now) ? known : other;
        }

        return known.Since == other.Since
            ? known with { Span = new(Math.Max(known.Span.StartedAt, other.Span.StartedAt), Math.Max(known.Span.RenewedAt, other.Span.RenewedAt)) }
            : other.Span.StartedAt > known.Span.StartedAt ? other
            : known;
    }
}
