namespace Parceler.Upstreams.Mirrors;

/// <summary>What the steps of a large mirror leave behind.</summary>
internal static class Garbage
{
    private const int Many = 30_000; // fewer are not worth the tenth of a second

    /// <summary>Gives memory back between two steps: each needs as much as the one before, and the collector would wait until both stand side by side.</summary>
    public static void GiveBack(int files)
    {
        if (files > Many)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
        }
    }
}
