namespace Parceler.Formats.Apk;

/// <summary>How many bytes reading an .adb or .apk may take: they come from outside, and a small one can unpack to any size.</summary>
public sealed record AdbLimits
{
    public static readonly AdbLimits Default = new();

    /// <summary>All of the file, unpacked.</summary>
    public long Length { get; init; } = 16L << 30;

    /// <summary>What describes the packages; it is held in memory.</summary>
    public int Payload { get; init; } = 256 << 20;

    /// <summary>The memory that unpacking it may ask for.</summary>
    public int Window { get; init; } = 128 << 20;
}
