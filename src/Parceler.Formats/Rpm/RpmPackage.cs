namespace Parceler.Formats.Rpm;

/// <summary>What primary.xml, or the header of a package, says of a package. Sizes in bytes, times in seconds since 1970. Source: createrepo_c.</summary>
public sealed record RpmPackage(string Name, RpmEvr Evr, string Architecture)
{
    /// <summary>The kind of <see cref="Checksum"/>: sha256, or sha512, sha1 ("sha") in old indexes.</summary>
    public string ChecksumType { get; init; } = "sha256";

    /// <summary>Lower-case hexadecimal digits of the sum of the file; it names the package in the other indexes.</summary>
    public string Checksum { get; init; } = "";

    public string Summary { get; init; } = "";

    public string Description { get; init; } = "";

    public string Packager { get; init; } = "";

    public string Url { get; init; } = "";

    public long FileTime { get; init; }

    public long BuildTime { get; init; }

    public long PackageSize { get; init; }

    public long InstalledSize { get; init; }

    public long ArchiveSize { get; init; }

    /// <summary>Path relative to the root of the repository; or to <see cref="LocationBase"/>, an address, if there is one.</summary>
    public string Location { get; init; } = "";

    public string? LocationBase { get; init; }

    public string License { get; init; } = "";

    public string Vendor { get; init; } = "";

    public string Group { get; init; } = "";

    public string BuildHost { get; init; } = "";

    /// <summary>File name of the package's source; empty for a source.</summary>
    public string SourceRpm { get; init; } = "";

    /// <summary>Where in the file its header begins and ends.</summary>
    public (long Start, long End) HeaderRange { get; init; }

    public IReadOnlyDictionary<RpmDependencyKind, IReadOnlyList<RpmDependency>> Dependencies { get; init; } =
        new Dictionary<RpmDependencyKind, IReadOnlyList<RpmDependency>>();

    /// <summary>Those of primary.xml, or from a header all.</summary>
    public IReadOnlyList<RpmPath> Files { get; init; } = [];

    /// <summary>name-version-release.architecture, as rpm names packages; without the epoch.</summary>
    public override string ToString() => $"{Name}-{Evr.Version}-{Evr.Release}.{Architecture}";
}
