namespace Parceler.Formats.Rpm;

/// <summary>What filelists.xml says of a package: all its files. The check sum is that of primary.xml.</summary>
public sealed record RpmFileList(string Checksum, string Name, RpmEvr Evr, string Architecture, IReadOnlyList<RpmPath> Files)
{
    public static RpmFileList Of(RpmPackage package) => new(package.Checksum, package.Name, package.Evr, package.Architecture, package.Files);
}
