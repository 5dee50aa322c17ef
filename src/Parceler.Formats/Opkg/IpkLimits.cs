namespace Parceler.Formats.Opkg;

/// <summary>How many bytes reading a package may unpack: packages come from outside, and a small one can unpack to any size.</summary>
public sealed record IpkLimits
{
    public static readonly IpkLimits Default = new();

    /// <summary>The whole outer archive. opkg itself holds sizes in 31 bits.</summary>
    public long Archive { get; init; } = int.MaxValue;

    /// <summary>control.tar.gz as it stands.</summary>
    public int ControlArchive { get; init; } = 4 << 20;

    /// <summary>control.tar.gz unpacked.</summary>
    public int ControlTree { get; init; } = 16 << 20;

    /// <summary>The control file.</summary>
    public int Control { get; init; } = 1 << 20;
}
