using System.Text;
using Parceler.Formats.Rpm;

namespace Parceler.Tests.Formats.Rpm;

/// <summary>Indexes come from outside: whatever the XML, reading it ends soon, in little memory, with what it says or a refusal.</summary>
public class HostileRpmIndexTests
{
    private const string Package = """
        <package type="rpm"><name>a</name><arch>noarch</arch><version epoch="0" ver="1" rel="2"/><checksum type="sha256" pkgid="YES">00</checksum><summary>s &amp; t</summary>
        <time file="1" build="2"/><size package="1" installed="2" archive="3"/><location href="a.rpm"/>
        <format><rpm:license>MIT</rpm:license><rpm:header-range start="1" end="2"/><rpm:provides><rpm:entry name="a" flags="EQ" epoch="0" ver="1" rel="2"/></rpm:provides><rpm:requires/><file>/etc/a</file></format></package>
        """;

    private const string Begin = """<metadata xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm" packages="1">""";
    private const string Data = """<data type="primary"><checksum type="sha256">00</checksum><location href="repodata/a"/><timestamp>1</timestamp><size>2</size></data>""";
    private static readonly RpmLimits Small = new() { Entry = 10_000, Text = 5_000, Index = 1 << 20 };

    [Fact]
    public void Reads_a_package_of_another_writer() => Read($"{Begin}{Package}</metadata>").Should().ContainSingle().Which.Files.Should().Equal(new RpmPath("/etc/a"));

    [Theory]
    [InlineData("<!DOCTYPE metadata [<!ENTITY a 'a'><!ENTITY b '&a;&a;&a;'>]>")]
    [InlineData("<!DOCTYPE metadata SYSTEM 'file:///etc/passwd'>")]
    public void Refuses_a_document_type(string type) => Refusal($"{type}{Begin}{Package}</metadata>").Should().Contain("DTD");

    [Theory]
    [InlineData("<summary>s", "<summary>{0}", "more than 5000")]
    [InlineData("href=\"a.rpm\"", "href=\"{0}\"", "more than 5000")]
    [InlineData("<summary>s", "<summary><![CDATA[{1}]]>s", "more than 10000")]
    [InlineData("<file>/etc/a</file>", "{2}", "more than 10000")]
    [InlineData("<rpm:requires/>", "<rpm:requires>{3}</rpm:requires>", "more than 10000")]
    [InlineData("<rpm:requires/>", "{4}", "nested")]
    public void Refuses_fields_and_lists_without_end(string from, string to, string reason)
    {
        var endless = string.Format(
            System.Globalization.CultureInfo.InvariantCulture,
            to,
            new string('a', 6000),
            string.Concat(Enumerable.Repeat("<aaaaaaaaaa", 2000)),
            string.Concat(Enumerable.Repeat("<file>/etc/aaaaaaaa</file>", 2000)),
            string.Concat(Enumerable.Repeat("<rpm:entry name=\"aaaaaaaa\"/>", 2000)),
            string.Concat(Enumerable.Repeat("<a>", 100)));

        Refusal($"{Begin}{Package.Replace(from, endless, StringComparison.Ordinal)}</metadata>").Should().Contain(reason);
    }

    [Theory]
    [InlineData("../a.rpm")]
    [InlineData("/a.rpm")]
    [InlineData("x/../../a.rpm")]
    [InlineData("")]
    public void Refuses_a_place_that_is_not_below(string href)
    {
        Refusal($"{Begin}{Package.Replace("a.rpm", href, StringComparison.Ordinal)}</metadata>").Should().Contain("not below");
        FluentActions.Invoking(() => ReadRepoMd(Bytes($"<repomd>{Data.Replace("repodata/a", href, StringComparison.Ordinal)}</repomd>"))).Should().Throw<InvalidDataException>().WithMessage("*not below*");
    }

    [Theory]
    [InlineData("<name>a</name>", "")]
    [InlineData("<version epoch=\"0\" ver=\"1\" rel=\"2\"/>", "")]
    [InlineData("epoch=\"0\" ver", "epoch=\"-1\" ver")]
    [InlineData("installed=\"2\"", "installed=\"x\"")]
    [InlineData("<size package=\"1\"", "<size package=\"-1\"")]
    [InlineData("</metadata>", "")]
    public void Refuses_a_package_that_lacks_what_it_needs(string from, string to) => Refusal($"{Begin}{Package}</metadata>".Replace(from, to, StringComparison.Ordinal)).Should().NotBeEmpty();

    [Fact]
    public void Refuses_an_index_below_zero_bytes() =>
        FluentActions.Invoking(() => ReadRepoMd(Bytes($"<repomd>{Data.Replace("<size>2", "<size>-2", StringComparison.Ordinal)}</repomd>"))).Should().Throw<InvalidDataException>().WithMessage("*'-2'*");

    // in UTF-16, letters such as this one have the byte of '<' in them, by which the length of tags is told
    [Fact]
    public void Refuses_other_encodings_than_utf_8()
    {
        var text = Encoding.Unicode.GetBytes($"\uFEFF{Begin}{Package.Replace("a.rpm", new string('\u3C3C', 6000), StringComparison.Ordinal)}</metadata>");

        FluentActions.Invoking(() => _ = new PrimaryReader(Small).Read(new MemoryStream(text)).Count()).Should().Throw<InvalidDataException>().WithMessage("*not in UTF-8*");
    }

    [Fact]
    public void Never_fails_in_another_way()
    {
        var primary = Bytes($"{Begin}{Package}</metadata>");
        var repoMd = Bytes($"<repomd><revision>1</revision>{Data}</repomd>");
        var updateInfo = Bytes("""<updates><update type="security"><id>1</id><severity>Low</severity><pkglist><package name="a" version="1" release="2" arch="b"/></pkglist></update></updates>""");
        var fileLists = Bytes("""<filelists><package pkgid="00" name="a" arch="b"><version epoch="0" ver="1" rel="2"/><file type="dir">/a</file></package></filelists>""");
        void ReadFileLists(byte[] file) => _ = new FileListsReader(RpmLimits.Default).Read(new MemoryStream(file)).Count();
        void ReadPrimary(byte[] file) => _ = new PrimaryReader(RpmLimits.Default).Read(new MemoryStream(file)).Count();
        void ReadUpdateInfo(byte[] file) => _ = new UpdateInfoReader(RpmLimits.Default).Read(new MemoryStream(file)).Count();

        foreach (var (valid, read) in new (byte[], Action<byte[]>)[] { (primary, ReadPrimary), (repoMd, ReadRepoMd), (updateInfo, ReadUpdateInfo), (fileLists, ReadFileLists) })
        {
            Hostile.SampleMutations<InvalidDataException>(valid, read, iter: 1000);
            Hostile.SampleNoise<InvalidDataException>(valid, read, iter: 1000);
        }
    }

    private static void ReadRepoMd(byte[] file) => RepoMd.Read(new MemoryStream(file), RpmLimits.Default);

    private static string Refusal(string primary) => FluentActions.Invoking(() => Read(primary)).Should().Throw<InvalidDataException>().Which.Message;

    private static RpmPackage[] Read(string primary) => [.. new PrimaryReader(Small).Read(new MemoryStream(Bytes(primary)))];

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
