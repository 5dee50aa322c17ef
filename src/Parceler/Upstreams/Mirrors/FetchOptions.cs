namespace Parceler.Upstreams.Mirrors;

/// <summary>How upstreams are asked, and how much they may send.</summary>
internal sealed record FetchOptions
{
    /// <summary>Transfers at a time, for each host, whichever repositories they are for.</summary>
    public int Connections { get; init; } = 8;

    /// <summary>Bytes of a file whose size no index tells.</summary>
    public long LargestFile { get; init; } = 16L << 30;

    /// <summary>Bytes of a listing page, a head of a feed, or a signature.</summary>
    public long LargestHead { get; init; } = 256L << 20;

    public TimeSpan ConnectTime { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long upstream may be silent.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes that have to come in each <see cref="Silence"/>: a trickle would go on for days.</summary>
    public long LeastBytes { get; init; } = 64 << 10;

    /// <summary>How often a file is asked for without getting on.</summary>
    public int Tries { get; init; } = 6;

    /// <summary>How often a file that is not what its index names is taken from the start.</summary>
    public int TriesOfContent { get; init; } = 3;

    public TimeSpan FirstWait { get; init; } = TimeSpan.FromMilliseconds(500);

    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest that upstream may ask for with Retry-After.</summary>
    public TimeSpan LongestRetryAfter { get; init; } = TimeSpan.FromMinutes(5);

    public int Redirects { get; init; } = 5;

    /// <summary>How often a tree is taken that changes meanwhile, before the patience with upstream begins.</summary>
    public int Takes { get; init; } = 3;

    /// <summary>What has come so far is made durable after so long, so that a restart uses it.</summary>
    public TimeSpan KeepEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Or after so many files: what is known of each takes memory until then.</summary>
    public int KeepFiles { get; init; } = 16_384;
}
