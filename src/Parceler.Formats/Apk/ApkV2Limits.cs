namespace Parceler.Formats.Apk;

/// <summary>How many bytes reading a file of apk 2 may take.</summary>
public sealed record ApkV2Limits
{
    public static readonly ApkV2Limits Default = new();

    /// <summary>A signature, with the archive around it.</summary>
    public int Signature { get; init; } = 1 << 20;

    /// <summary>The index, or what a package says of itself, packed and unpacked.</summary>
    public int Content { get; init; } = 256 << 20;
}
