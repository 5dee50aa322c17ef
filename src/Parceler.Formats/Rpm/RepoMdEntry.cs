namespace Parceler.Formats.Rpm;

/// <summary>One index in repomd.xml. Sizes in bytes, sums in lower-case hexadecimal digits, time in seconds since 1970.</summary>
/// <param name="Type">primary, filelists, other, updateinfo, group ...</param>
/// <param name="Location">Path relative to the root of the repository, without "..", such as repodata/SUM-primary.xml.gz.</param>
public sealed record RepoMdEntry(string Type, string Location, string ChecksumType, string Checksum)
{
    /// <summary>Kind and sum of the unpacked file; null where it is not packed.</summary>
    public string? OpenChecksumType { get; init; }

    public string? OpenChecksum { get; init; }

    public string? LocationBase { get; init; }

    public long? Timestamp { get; init; }

    public long? Size { get; init; }

    public long? OpenSize { get; init; }

    public long? DatabaseVersion { get; init; }
}
