namespace Parceler.Formats.Apk;

/// <summary>
/// The index of a repository of apk 3, such as OpenWrt's packages.adb. <see cref="PackageNames"/> says where the packages are, relative to the
/// index, in apk's own terms (${arch}/${name}-${version}.apk); null means beside it.
/// </summary>
public sealed record ApkIndex(string? Description, string? PackageNames, IReadOnlyList<ApkPackage> Packages)
{
    /// <summary>Reads what a file describes. Its signatures are not looked at.</summary>
    public static ApkIndex Of(AdbFile file)
    {
        var root = file.Schema == AdbFile.IndexSchema ? new AdbPayload(file.Payload).Root : throw new InvalidDataException("The file is no index of apk 3");
        return new(root[1].ToText(), root[3].ToText(), [.. root[2].Items().Select(ApkPackage.Of)]);
    }

    /// <summary>A file without a signature. The same index gives the same bytes, whatever the order of its packages.</summary>
    public AdbFile ToFile()
    {
        var writer = new AdbWriter();
        var packages = Packages
            .OrderBy(package => package.Name, ByBytes.Instance)
            .ThenBy(package => package.Version, ApkVersionOrder.Instance)
            .ThenBy(package => Convert.ToHexString(package.Hash.Span), StringComparer.Ordinal)
            .Select(package => package.Write(writer)).ToArray();
        return new(AdbFile.IndexSchema, writer.Finish(writer.Object(writer.Text(Description), writer.Array(packages), writer.Text(PackageNames))), []);
    }
}
