namespace Parceler.Formats.Rpm;

/// <summary>The tags of headers that are read. Source: rpmtag.h of rpm.</summary>
internal static class RpmTag
{
    public const uint Name = 1000;
    public const uint Version = 1001;
    public const uint Release = 1002;
    public const uint Epoch = 1003;
    public const uint Summary = 1004;
    public const uint Description = 1005;
    public const uint BuildTime = 1006;
    public const uint BuildHost = 1007;
    public const uint Size = 1009;
    public const uint Vendor = 1011;
    public const uint License = 1014;
    public const uint Packager = 1015;
    public const uint Group = 1016;
    public const uint Url = 1020;
    public const uint Architecture = 1022;
    public const uint OldFileNames = 1027;
    public const uint FileModes = 1030;
    public const uint FileFlags = 1037;
    public const uint SourceRpm = 1044;
    public const uint ArchiveSize = 1046;
    public const uint DirectoryIndexes = 1116;
    public const uint BaseNames = 1117;
    public const uint DirectoryNames = 1118;
    public const uint LongSize = 5009;
    public const uint PayloadDigest = 5092;
    public const uint PayloadDigestAlgorithm = 5093;

    /// <summary>Tags of the header of signatures.</summary>
    public const uint SignatureDsa = 267;
    public const uint SignatureRsa = 268;
    public const uint SignatureLongSize = 270;
    public const uint SignatureLongArchiveSize = 271;
    public const uint SignatureSha256 = 273;
    public const uint SignatureSize = 1000;
    public const uint SignatureArchiveSize = 1007;

    /// <summary>Names, versions and flags of dependencies.</summary>
    public static (uint Names, uint Versions, uint Flags) Of(RpmDependencyKind kind) => kind switch
    {
        RpmDependencyKind.Provides => (1047, 1113, 1112),
        RpmDependencyKind.Requires => (1049, 1050, 1048),
        RpmDependencyKind.Conflicts => (1054, 1055, 1053),
        RpmDependencyKind.Obsoletes => (1090, 1115, 1114),
        RpmDependencyKind.Recommends => (5046, 5047, 5048),
        RpmDependencyKind.Suggests => (5049, 5050, 5051),
        RpmDependencyKind.Supplements => (5052, 5053, 5054),
        RpmDependencyKind.Enhances => (5055, 5056, 5057),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
