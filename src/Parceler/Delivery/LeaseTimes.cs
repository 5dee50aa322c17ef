namespace Parceler.Delivery;

/// <summary>How long a machine keeps seeing one snapshot.</summary>
/// <param name="Quiet">A session ends after so long without a request.</param>
/// <param name="HeadAfter">From this age on, a session ends at a head index that is read after <paramref name="HeadQuiet"/>: the next update begins.</param>
/// <param name="Longest">No session is older.</param>
/// <param name="Grace">How long files stay reachable after they stopped being served, and after the last session on them.</param>
internal sealed record LeaseTimes(TimeSpan Quiet, TimeSpan HeadAfter, TimeSpan HeadQuiet, TimeSpan Longest, TimeSpan Grace)
{
    public static readonly LeaseTimes Usual = new(TimeSpan.FromMinutes(60), TimeSpan.FromHours(6), TimeSpan.FromMinutes(5), TimeSpan.FromHours(8), TimeSpan.FromHours(72));

    /// <summary>Other servers hear of a renewal a good minute later, and their clocks differ a little; this is more.</summary>
    public static readonly TimeSpan Late = TimeSpan.FromMinutes(10);

    /// <summary>How long a snapshot must be there after its last use: for the grace, or for a session that may go on.</summary>
    public TimeSpan Hold => Grace > Quiet + Late ? Grace : Quiet + Late;
}
