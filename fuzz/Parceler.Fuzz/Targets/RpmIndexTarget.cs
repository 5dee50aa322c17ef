using Parceler.Formats.Rpm;

namespace Parceler.Fuzz.Targets;

/// <summary>repomd.xml, primary.xml, filelists.xml, updateinfo.xml.</summary>
internal static class RpmIndexTarget
{
    private static readonly RpmLimits s_limits = RpmLimits.Default;

    public static FuzzTarget Create() => new("rpm-index",
    [
        FuzzReader.OfData("repomd", ReadRepoMd, () => [Sample.Of("repomd.xml")]),
        FuzzReader.OfData("primary", ReadPrimary, () => [Sample.Of("primary.xml")]),
        FuzzReader.OfData("filelists", ReadFileLists, () => [Sample.Of("filelists.xml")]),
        FuzzReader.OfData("updateinfo", file => _ = new UpdateInfoReader(s_limits).Read(new MemoryStream(file)).Select(advisory => (advisory.IsSecurity, advisory.ToString())).Count(), () => [Sample.Of("updateinfo.xml")]),
    ],
    ["<?xml version=\"1.0\" encoding=\"utf-16\"?>", "<!DOCTYPE a [<!ENTITY b \"c\">]>", "<![CDATA[", "]]>", "<!--", "-->", "&#0;", "&#xD800;", "&amp;", "xml:base=\"a\"", " xmlns:a=\"b\"", "<package type=\"rpm\">", "</package>", "<rpm:provides>",
        "<rpm:entry name=\"a\"/>", "<location href=\"a\"/>", "<version epoch=\"0\" ver=\"1\" rel=\"1\"/>", "<file type=\"dir\">", "<checksum type=\"sha256\">", "<timestamp>1.5</timestamp>", "<size>-1</size>", "<data type=\"primary\">", "<update>"]);

    private static void ReadRepoMd(byte[] file)
    {
        var repoMd = RepoMd.Read(new MemoryStream(file), s_limits);
        FuzzFaultException.Unless(repoMd.Entries.All(entry => entry is { Size: null or >= 0, OpenSize: null or >= 0 }), "no size is below 0");
        FuzzFaultException.Unless(RepoMd.Read(new MemoryStream(repoMd.ToBytes()), s_limits).Entries.Count == repoMd.Entries.Count, "what is written can be read");
    }

    private static void ReadPrimary(byte[] file)
    {
        var packages = new PrimaryReader(s_limits).Read(new MemoryStream(file)).ToList();
        FuzzFaultException.Unless(packages.TrueForAll(package => package.PackageSize >= 0), "no size is below 0");
        FuzzFaultException.Unless(new PrimaryReader(s_limits).Read(new Dribble(file)).Count() == packages.Count, "parts of a file do not matter");
        using var written = new MemoryStream();
        using (var writer = new PrimaryWriter(written, packages.Count))
        {
            packages.ForEach(writer.Write);
        }

        written.Position = 0;
        FuzzFaultException.Unless(new PrimaryReader(s_limits).Read(written).Count() == packages.Count, "what is written can be read");
    }

    private static void ReadFileLists(byte[] file)
    {
        var packages = new FileListsReader(s_limits).Read(new MemoryStream(file)).ToList();
        using var written = new MemoryStream();
        using (var writer = new FileListsWriter(written, packages.Count))
        {
            packages.ForEach(writer.Write);
        }

        written.Position = 0;
        FuzzFaultException.Unless(new FileListsReader(s_limits).Read(written).Count() == packages.Count, "what is written can be read");
    }
}
