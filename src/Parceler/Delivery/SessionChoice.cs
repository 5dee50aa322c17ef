namespace Parceler.Delivery;

/// <summary>What the rule says to one request.</summary>
/// <param name="Kind">What is asked for.</param>
/// <param name="Read">The file in the snapshot that the machine read last.</param>
/// <param name="Served">The file in the served snapshot.</param>
internal readonly record struct SessionChoice(LeaseStep Step, PathKind Kind, DeliveredFile? Read, DeliveredFile? Served)
{
    /// <summary>Whether the machine gets the same, whichever of the two snapshots it is on.</summary>
    public bool IsSameInBoth => Read is not { } read || Served is not { } served || read.File.Digest == served.File.Digest;

    /// <param name="reads">What the machine read last; null when nothing is left of it.</param>
    /// <param name="span">Its session there.</param>
    public static SessionChoice Of(LeaseRule rule, ServedRepository repository, ServedTree? reads, LeaseSpan? span, ReadOnlySpan<char> path, long now)
    {
        var read = reads?.Find(path);
        var served = reads is not null && reads == repository.Served ? read : repository.Find(path);
        var kind = (read ?? served)?.File.Kind ?? IndexFiles.KindOf(path);
        return new(rule.Decide(kind, span, read is not null, served is not null, now), kind, read, served);
    }

    /// <summary>The file for the machine; null when there is none.</summary>
    public DeliveredFile? FileIn(ServedRepository repository, ReadOnlySpan<char> path, LeaseRule rule, long now)
    {
        var file = Step is LeaseStep.UseServed or LeaseStep.StartSession ? Served : Read;
        return file ?? (LeaseRule.HasGrace(Kind) ? repository.FindInGrace(path, rule, now) : null);
    }
}
