namespace Parceler.Formats.Rpm;

/// <summary>How many bytes (of XML, characters) reading packages and indexes of rpm may take: they come from outside.</summary>
public sealed record RpmLimits
{
    public static readonly RpmLimits Default = new();

    /// <summary>A header of a package. rpm itself stops at 256 MiB.</summary>
    public int Header { get; init; } = 64 << 20;

    /// <summary>An index, unpacked.</summary>
    public long Index { get; init; } = 16L << 30;

    /// <summary>What an index says of one package, or one advisory: texts, dependencies, files.</summary>
    public int Entry { get; init; } = 64 << 20;

    /// <summary>One text or tag of an index.</summary>
    public int Text { get; init; } = 8 << 20;
}
