namespace Parceler.Formats.Apt;

/// <summary>How many bytes reading a .deb may take: packages come from outside, and a small one can unpack to any size.</summary>
public sealed record DebLimits
{
    public static readonly DebLimits Default = new();

    /// <summary>control.tar unpacked; it holds scripts too, and lists of check sums.</summary>
    public int ControlTree { get; init; } = 64 << 20;

    /// <summary>The memory that unpacking it may ask for.</summary>
    public int Window { get; init; } = 128 << 20;

    /// <summary>The control file.</summary>
    public int Control { get; init; } = 1 << 20;
}
