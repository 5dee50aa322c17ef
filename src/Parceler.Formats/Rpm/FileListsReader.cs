namespace Parceler.Formats.Rpm;

/// <summary>
/// Reads filelists.xml package by package, in memory for one. A broken or hostile file is an <see cref="InvalidDataException"/>. Source:
/// createrepo_c.
/// </summary>
public sealed class FileListsReader(RpmLimits limits)
{
    /// <summary>The packages of an unpacked filelists.xml.</summary>
    public IEnumerable<RpmFileList> Read(Stream fileLists)
    {
        using var xml = new IndexXml(fileLists, limits);
        if (!xml.NextElement() || xml.Name != "filelists")
        {
            throw new InvalidDataException("The file is no filelists.xml");
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

    private static RpmFileList ReadPackage(IndexXml xml)
    {
        var depth = xml.Depth;
        var files = new List<RpmPath>();
        var package = new RpmFileList(xml.Required("pkgid"), xml.Required("name"), default, xml.Required("arch"), files);
        while (xml.NextElement(depth))
        {
            if (xml.Name == "version")
            {
                package = package with { Evr = new(xml.Epoch(), xml.Required("ver"), xml.Required("rel")) };
            }
            else if (xml.Name == "file")
            {
                var type = xml.Attribute("type");
                files.Add(new(xml.Text(), type));
            }
        }

        return package.Evr.Version is not null ? package : throw new InvalidDataException("The filelists.xml has a package without version");
    }
}
