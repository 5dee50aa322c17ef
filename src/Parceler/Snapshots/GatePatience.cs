namespace Parceler.Snapshots;

/// <summary>
/// How long a sync waits for an upstream that is still being written: its index names files that are not there yet.
/// </summary>
/// <param name="Tries">How often the tree is taken in, the first time included.</param>
internal sealed record GatePatience(int Tries, TimeSpan Wait)
{
    public static readonly GatePatience Usual = new(3, TimeSpan.FromSeconds(60));
}
