namespace Parceler.Delivery;

/// <summary>Where a request looks for its file first, and what becomes of the machine's session.</summary>
internal enum LeaseStep
{
    /// <summary>In the snapshot of its session, which is renewed.</summary>
    FollowSession,

    /// <summary>In the snapshot of its session, which is not renewed.</summary>
    PeekIntoSession,

    /// <summary>In the served snapshot, on which a session starts.</summary>
    StartSession,

    /// <summary>In the snapshot whose index the machine read last; its session is over.</summary>
    FollowLastReading,

    /// <summary>In the served snapshot; no session starts.</summary>
    UseServed,
}

/// <summary>Decides from which snapshot a machine is answered: the one place that knows the rule. Pure; instants are milliseconds of the Unix epoch.</summary>
internal sealed class LeaseRule(LeaseTimes times)
{
    private readonly long _quiet = (long)times.Quiet.TotalMilliseconds;
    private readonly long _headAfter = (long)times.HeadAfter.TotalMilliseconds;
    private readonly long _headQuiet = (long)times.HeadQuiet.TotalMilliseconds;
    private readonly long _longest = (long)times.Longest.TotalMilliseconds;
    private readonly long _late = (long)LeaseTimes.Late.TotalMilliseconds;
    private readonly long _grace = (long)times.Grace.TotalMilliseconds;

    public LeaseTimes Times => times;

    /// <param name="kind">What is asked for.</param>
    /// <param name="lease">What the machine read last in this repository; none if there is nothing.</param>
    /// <param name="readHasIt">Whether the snapshot that it read last has the path.</param>
    /// <param name="servedHasIt">Whether the served one has it.</param>
    public LeaseStep Decide(PathKind kind, LeaseSpan? lease, bool readHasIt, bool servedHasIt, long now)
    {
        if (lease is { } live && IsLive(live, kind, now))
        {
            return kind == PathKind.LatestRelease ? LeaseStep.PeekIntoSession : LeaseStep.FollowSession;
        }

        var remembers = lease is { } over && IsInGrace(over.RenewedAt, now);
        return kind switch
        {
            PathKind.LatestRelease => LeaseStep.UseServed,
            PathKind.Package => remembers ? LeaseStep.FollowLastReading : LeaseStep.UseServed,
            PathKind.HashedIndex when remembers && readHasIt => LeaseStep.FollowLastReading, // named by an index that the machine still has
            _ => servedHasIt ? LeaseStep.StartSession : LeaseStep.UseServed,
        };
    }

    /// <summary>Whether a session goes on at a request.</summary>
    public bool IsLive(LeaseSpan lease, PathKind kind, long now)
    {
        var quiet = now - lease.RenewedAt;
        var age = now - lease.StartedAt;
        return quiet < _quiet && age < _longest && !IsAhead(lease, now) && !(kind == PathKind.HeadIndex && age >= _headAfter && quiet >= _headQuiet);
    }

    /// <summary>Whether it was written before the clock was set back: it says nothing any more.</summary>
    public bool IsAhead(LeaseSpan lease, long now) => lease.RenewedAt - now > _quiet;

    /// <summary>Whether a session goes on for all servers, also for one with another clock, or that has not heard yet of what another one renewed.</summary>
    public bool IsCertain(LeaseSpan lease, long now)
    {
        var age = now - lease.StartedAt;
        return Math.Abs(now - lease.RenewedAt) < _quiet - _late && age < _longest - _late && age < _headAfter - _late;
    }

    public bool IsInGrace(long lastUse, long now) => now - lastUse < _grace;

    /// <summary>Paths that stay reachable after their snapshot stopped being served: what an index names.</summary>
    public static bool HasGrace(PathKind kind) => kind is PathKind.Package or PathKind.HashedIndex;
}
