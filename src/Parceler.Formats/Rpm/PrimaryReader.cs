namespace Parceler.Formats.Rpm;

/// <summary>
/// Reads primary.xml package by package, in memory for one. A broken or hostile file is an <see cref="InvalidDataException"/>. Source:
/// createrepo_c.
/// </summary>
public sealed class PrimaryReader(RpmLimits limits)
{
    private static readonly Dictionary<string, RpmDependencyKind> Kinds =
        Enum.GetValues<RpmDependencyKind>().ToDictionary(kind => kind.ToString().ToLowerInvariant());

    /// <summary>The packages of an unpacked primary.xml.</summary>
    public IEnumerable<RpmPackage> Read(Stream primary)
    {
        using var xml = new IndexXml(primary, limits);
        if (!xml.NextElement() || xml.Name != "metadata")
        {
            throw new InvalidDataException("The file is no primary.xml");
        }

        while (xml.NextElement())
        {
            if (xml is { Name: "package", Depth: 1, IsOpen: true })
            {
                xml.BeginEntry();
                yield return ReadPackage(xml);
            }
        }
    }

    private static RpmPackage ReadPackage(IndexXml xml)
    {
        var package = new RpmPackage("", new(0, "", null), "");
        var dependencies = new Dictionary<RpmDependencyKind, IReadOnlyList<RpmDependency>>();
        var files = new List<RpmPath>();
        var depth = xml.Depth;
        while (xml.NextElement(depth))
        {
            if (Kinds.TryGetValue(xml.Name, out var kind))
            {
                dependencies[kind] = ReadDependencies(xml);
            }
            else if (xml.Name == "file")
            {
                var type = xml.Attribute("type");
                files.Add(new(xml.Text(), type));
            }
            else
            {
                package = Take(package, xml);
            }
        }

        return package.Name.Length > 0 && package.Evr.Version.Length > 0
            ? package with { Dependencies = dependencies, Files = files }
            : throw new InvalidDataException("The index has a package without name or version");
    }

    private static RpmPackage Take(RpmPackage package, IndexXml xml) => xml.Name switch
    {
        "name" => package with { Name = xml.Text() },
        "arch" => package with { Architecture = xml.Text() },
        "version" => package with { Evr = new(xml.Epoch(), xml.Required("ver"), xml.Required("rel")) },
        "checksum" => package with { ChecksumType = xml.Required("type"), Checksum = xml.Text() },
        "summary" => package with { Summary = xml.Text() },
        "description" => package with { Description = xml.Text() },
        "packager" => package with { Packager = xml.Text() },
        "url" => package with { Url = xml.Text() },
        "time" => package with { FileTime = xml.Number("file"), BuildTime = xml.Number("build") },
        "size" => package with { PackageSize = xml.Number("package"), InstalledSize = xml.Number("installed"), ArchiveSize = xml.Number("archive") },
        "location" => package with { LocationBase = xml.Attribute("xml:base"), Location = RepoMd.Below(xml.Required("href")) },
        _ => TakeFormat(package, xml),
    };

    private static RpmPackage TakeFormat(RpmPackage package, IndexXml xml) => xml.Name switch
    {
        "license" => package with { License = xml.Text() },
        "vendor" => package with { Vendor = xml.Text() },
        "group" => package with { Group = xml.Text() },
        "buildhost" => package with { BuildHost = xml.Text() },
        "sourcerpm" => package with { SourceRpm = xml.Text() },
        "header-range" => package with { HeaderRange = (xml.Number("start"), xml.Number("end")) },
        _ => package,
    };

    private static List<RpmDependency> ReadDependencies(IndexXml xml)
    {
        var entries = new List<RpmDependency>();
        var depth = xml.Depth;
        while ((xml.Depth > depth || xml.IsOpen) && xml.NextElement(depth))
        {
            entries.Add(new(xml.Required("name"), xml.Attribute("flags"), xml.Attribute("epoch"), xml.Attribute("ver"), xml.Attribute("rel"), xml.Attribute("pre") == "1"));
        }

        return entries;
    }
}
