using System.Globalization;
using System.Text;

namespace Parceler.Formats.Rpm;

/// <summary>
/// Writes primary.xml package by package as createrepo_c does: what it wrote is written as the same bytes. The number of packages stands at the
/// beginning, so it has to be known. Disposing ends the file and leaves the output open.
/// </summary>
public sealed class PrimaryWriter : IDisposable
{
    private readonly StreamWriter _text;

    public PrimaryWriter(Stream output, int packages)
    {
        _text = new(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
        _text.Write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<metadata xmlns=\"http://linux.duke.edu/metadata/common\" xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\"");
        _text.Write(string.Create(CultureInfo.InvariantCulture, $" packages=\"{packages}\">\n"));
    }

    public void Write(RpmPackage package)
    {
        var evr = package.Evr;
        _text.Write("<package type=\"rpm\">\n");
        Element("  ", "name", package.Name);
        Element("  ", "arch", package.Architecture);
        Line($"  <version epoch=\"{evr.Epoch}\" ver=\"{XmlText.Attribute(evr.Version)}\" rel=\"{XmlText.Attribute(evr.Release ?? "")}\"/>");
        Line($"  <checksum type=\"{XmlText.Attribute(package.ChecksumType)}\" pkgid=\"YES\">{XmlText.Of(package.Checksum)}</checksum>");
        Element("  ", "summary", package.Summary);
        Element("  ", "description", package.Description);
        Element("  ", "packager", package.Packager);
        Element("  ", "url", package.Url);
        Line($"  <time file=\"{package.FileTime}\" build=\"{package.BuildTime}\"/>");
        Line($"  <size package=\"{package.PackageSize}\" installed=\"{package.InstalledSize}\" archive=\"{package.ArchiveSize}\"/>");
        Line($"  <location {Attribute("xml:base", package.LocationBase, after: " ")}href=\"{XmlText.Attribute(package.Location)}\"/>");
        WriteFormat(package);
        _text.Write("</package>\n");
    }

    public void Dispose()
    {
        _text.Write("</metadata>");
        _text.Dispose();
    }

    private void WriteFormat(RpmPackage package)
    {
        _text.Write("  <format>\n");
        Element("    ", "rpm:license", package.License);
        Element("    ", "rpm:vendor", package.Vendor);
        Element("    ", "rpm:group", package.Group);
        Element("    ", "rpm:buildhost", package.BuildHost);
        Element("    ", "rpm:sourcerpm", package.SourceRpm);
        Line($"    <rpm:header-range start=\"{package.HeaderRange.Start}\" end=\"{package.HeaderRange.End}\"/>");
        foreach (var kind in Enum.GetValues<RpmDependencyKind>())
        {
            WriteDependencies(kind, package.Dependencies.GetValueOrDefault(kind) ?? []);
        }

        foreach (var file in package.Files.Where(file => file.IsPrimary))
        {
            Line($"    <file{Attribute("type", file.Type, before: " ")}>{XmlText.Of(file.Path)}</file>");
        }

        _text.Write("  </format>\n");
    }

    private void WriteDependencies(RpmDependencyKind kind, IReadOnlyList<RpmDependency> dependencies)
    {
        if (dependencies.Count == 0)
        {
            return;
        }

        var name = $"rpm:{kind.ToString().ToLowerInvariant()}";
        Line($"    <{name}>");
        foreach (var (dependency, flags, epoch, version, release, isPre) in dependencies)
        {
            Line($"      <rpm:entry name=\"{XmlText.Attribute(dependency)}\"{Optional("flags", flags)}{Optional("epoch", epoch)}{Optional("ver", version)}{Optional("rel", release)}{(isPre ? " pre=\"1\"" : "")}/>");
        }

        Line($"    </{name}>");
    }

    private void Element(string indent, string name, string text)
    {
        _text.Write(indent);
        Line($"<{name}>{XmlText.Of(text)}</{name}>");
    }

    private static string Optional(string name, string? value) => Attribute(name, value, before: " ");

    private static string Attribute(string name, string? value, string before = "", string after = "") =>
        value is null ? "" : $"{before}{name}=\"{XmlText.Attribute(value)}\"{after}";

    private void Line(FormattableString line) => _text.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
