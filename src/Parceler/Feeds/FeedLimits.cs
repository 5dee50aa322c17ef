namespace Parceler.Feeds;

/// <summary>What reading one feed may take: indexes come from outside. Real ones stay far below.</summary>
internal sealed record FeedLimits
{
    public static readonly FeedLimits Default = new();

    public int Packages { get; init; } = 1_000_000;

    /// <summary>Bytes of one index, unpacked.</summary>
    public long Index { get; init; } = 2L << 30;

    /// <summary>Bytes of what is read at once: a Release, a repomd.xml, a signature, an index that is signed whole.</summary>
    public int Whole { get; init; } = 256 << 20;

    /// <summary>Characters of a name, a version or an architecture.</summary>
    public int Word { get; init; } = 1000;
}
