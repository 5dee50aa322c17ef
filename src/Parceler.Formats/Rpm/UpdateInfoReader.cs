namespace Parceler.Formats.Rpm;

/// <summary>
/// Reads updateinfo.xml advisory by advisory: enough to know which packages are security fixes. A broken or hostile file is an
/// <see cref="InvalidDataException"/>. Source: the updateinfo of createrepo_c.
/// </summary>
public sealed class UpdateInfoReader(RpmLimits limits)
{
    /// <summary>The advisories of an unpacked updateinfo.xml.</summary>
    public IEnumerable<RpmAdvisory> Read(Stream updateInfo)
    {
        using var xml = new IndexXml(updateInfo, limits);
        if (!xml.NextElement() || xml.Name != "updates")
        {
            throw new InvalidDataException("The file is no updateinfo.xml");
        }

        while (xml.NextElement())
        {
            if (xml is { Name: "update", Depth: 1, IsOpen: true })
            {
                xml.BeginEntry();
                yield return ReadAdvisory(xml);
            }
        }
    }

    private static RpmAdvisory ReadAdvisory(IndexXml xml)
    {
        var depth = xml.Depth;
        var references = new List<string>();
        var packages = new List<RpmAdvisoryPackage>();
        var advisory = new RpmAdvisory("", xml.Attribute("type") ?? "", null, null, references, packages);
        while (xml.NextElement(depth))
        {
            switch (xml.Name)
            {
                case "id" when xml.Depth == depth + 1: advisory = advisory with { Id = xml.Text() }; break;
                case "severity": advisory = advisory with { Severity = xml.Text() }; break;
                case "issued": advisory = advisory with { Issued = xml.Attribute("date") }; break;
                case "reference" when xml.Attribute("id") is { } id: references.Add(id); break;
                case "package": packages.Add(PackageOf(xml)); break;
            }
        }

        return advisory.Id.Length > 0 ? advisory : throw new InvalidDataException("The updateinfo.xml has an advisory without id");
    }

    private static RpmAdvisoryPackage PackageOf(IndexXml xml) =>
        new(xml.Required("name"), new(xml.Epoch(), xml.Required("version"), xml.Required("release")), xml.Required("arch"));
}
