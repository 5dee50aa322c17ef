using System.Text;
using Parceler.Formats.Compression;
using Parceler.Formats.Rpm;
using Parceler.Formats.Signing;
using Parceler.Tests.Formats.Signing;

namespace Parceler.Tests.Formats.Rpm;

public class RpmIndexTests(RpmRepository repository) : IClassFixture<RpmRepository>
{
    [Fact]
    public void Writes_the_repomd_of_createrepo_as_it_read_it()
    {
        var repoMd = repository.RepoMd;

        repoMd.Revision.Should().Be("7");
        repoMd["primary"]!.Location.Should().Be($"repodata/{repoMd["primary"]!.Checksum}-primary.xml.gz");
        repoMd["primary"]!.OpenSize.Should().Be(Unpack("primary").Length);
        repoMd.ToBytes().Should().Equal(File.ReadAllBytes(repository["repository/repodata/repomd.xml"]));
    }

    [Fact]
    public void Writes_the_primary_of_createrepo_as_it_read_it()
    {
        var primary = Unpack("primary");

        Write(Read(primary)).Should().Be(Encoding.UTF8.GetString(primary));
    }

    [Fact]
    public void Reads_the_packages_of_primary()
    {
        var hello = Read(Unpack("primary")).Single(package => package.Name == "hello");

        (hello.Evr, hello.Architecture, hello.Location).Should().Be((new RpmEvr(2, "1.0~rc1", "1.fc38"), "noarch", "noarch/hello-1.0~rc1-1.fc38.noarch.rpm"));
        hello.Description.Should().Be("A description\n  of two lines é, with \"quotes\" and 'apostrophes' & more.");
        hello.Dependencies[RpmDependencyKind.Obsoletes].Should().Equal(new RpmDependency("older-hello", "LE", "0", "0.5", "2"));
        hello.Dependencies[RpmDependencyKind.Requires].Should().Contain(new RpmDependency("/bin/sh", IsPre: true));
        hello.Files.Should().Equal(new RpmPath("/etc/hello.conf"), new RpmPath("/usr/bin/hello"));
    }

    [Fact]
    public void Lists_packages_by_their_headers_as_createrepo_does()
    {
        var listed = Read(Unpack("primary"));

        var read = listed.Select(package => Listed(package.Location));

        Write(read).Should().Be(Encoding.UTF8.GetString(Unpack("primary")));
    }

    [Fact]
    public void Writes_the_filelists_of_createrepo_as_it_read_it_and_by_the_headers()
    {
        var fileLists = Unpack("filelists");

        WriteLists([.. new FileListsReader(RpmLimits.Default).Read(new MemoryStream(fileLists))]).Should().Be(Encoding.UTF8.GetString(fileLists));
        WriteLists([.. Read(Unpack("primary")).Select(package => RpmFileList.Of(Listed(package.Location)))]).Should().Be(Encoding.UTF8.GetString(fileLists));
    }

    [Fact]
    public void Gives_each_package_before_it_reads_the_ones_after_it()
    {
        const int ReadAhead = 100; // the buffer of the parser holds some
        var text = Encoding.UTF8.GetString(Unpack("primary"));
        var package = text[text.IndexOf("<package ", StringComparison.Ordinal)..text.LastIndexOf("</package>", StringComparison.Ordinal)] + "</package>";
        using var large = new RepeatedStream(text.Replace(package, "\0", StringComparison.Ordinal).Split('\0'), package, 1000);

        var ahead = new PrimaryReader(RpmLimits.Default).Read(large).Select((_, at) => large.Given - (at / 3)).ToArray();

        ahead.Should().HaveCount(3000).And.OnlyContain(parts => parts < ReadAhead);
    }

    [Fact]
    public void Knows_the_security_fixes_of_an_updateinfo()
    {
        const string xml = """
            <?xml version="1.0" encoding="UTF-8"?>
            <updates>
              <update from="updates@example.org" status="final" type="security" version="2.0">
                <id>EX-2025-1</id>
                <issued date="2025-11-08 09:30:00"/>
                <severity>Important</severity>
                <references><reference href="https://example.org/1" id="CVE-2025-1" type="cve" title="CVE-2025-1"/><reference href="https://example.org/2"/></references>
                <pkglist><collection short="E"><name>E</name>
                  <package name="hello" version="1.0" release="1" epoch="2" arch="noarch" src="hello-1.0-1.src.rpm"><filename>hello-1.0-1.noarch.rpm</filename></package>
                  <package name="hello-doc" version="1.0" release="1" arch="noarch"/>
                </collection></pkglist>
              </update>
              <update type="bugfix"><id>EX-2025-2</id><pkglist/></update>
            </updates>
            """;

        var advisories = new UpdateInfoReader(RpmLimits.Default).Read(new MemoryStream(Encoding.UTF8.GetBytes(xml))).ToArray();

        advisories.Select(advisory => (advisory.Id, advisory.IsSecurity)).Should().Equal(("EX-2025-1", true), ("EX-2025-2", false));
        (advisories[0].Severity, advisories[0].Issued).Should().Be(("Important", "2025-11-08 09:30:00"));
        advisories[0].References.Should().Equal("CVE-2025-1");
        advisories[0].Packages.Should().Equal(
            new RpmAdvisoryPackage("hello", new(2, "1.0", "1"), "noarch"), new RpmAdvisoryPackage("hello-doc", new(0, "1.0", "1"), "noarch"));
    }

    [Fact]
    public void Signs_the_repomd_as_gpg_verifies()
    {
        using var gpg = new GpgHome();
        var now = TimeProvider.System.GetUtcNow();
        var key = OpenPgpSecretKey.Generate("a", now.AddDays(-1));
        File.WriteAllBytes(gpg["repomd.xml"], repository.RepoMd.ToBytes());
        gpg.Run("--import", gpg.Write("key", key.ToPublicText()));

        var signature = gpg.Write("repomd.xml.asc", key.Sign(new MemoryStream(repository.RepoMd.ToBytes()), now));

        gpg.TryRun("--verify", signature, gpg["repomd.xml"]).Output.Should().Contain("Good signature");
    }

    // createrepo_c takes path and time from the file
    private RpmPackage Listed(string location)
    {
        var path = repository[$"repository/{location}"];
        using var rpm = File.OpenRead(path);
        return new RpmReader(RpmLimits.Default).Read(rpm).Package with
        {
            Location = location,
            FileTime = new DateTimeOffset(File.GetLastWriteTimeUtc(path)).ToUnixTimeSeconds(),
        };
    }

    private byte[] Unpack(string type)
    {
        using var unpacked = CompressedStream.OpenRead(new MemoryStream(repository.Index(type)), CompressionMethod.Gzip, new(1 << 20));
        using var output = new MemoryStream();
        unpacked.CopyTo(output);
        return output.ToArray();
    }

    private static RpmPackage[] Read(byte[] primary) => [.. new PrimaryReader(RpmLimits.Default).Read(new MemoryStream(primary))];

    private static string Write(IEnumerable<RpmPackage> packages)
    {
        using var output = new MemoryStream();
        using (var writer = new PrimaryWriter(output, packages.Count()))
        {
            foreach (var package in packages)
            {
                writer.Write(package);
            }
        }

        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static string WriteLists(RpmFileList[] packages)
    {
        using var output = new MemoryStream();
        using (var writer = new FileListsWriter(output, packages.Length))
        {
            foreach (var package in packages)
            {
                writer.Write(package);
            }
        }

        return Encoding.UTF8.GetString(output.ToArray());
    }

    /// <summary>A beginning, something many times, an end.</summary>
    private sealed class RepeatedStream(string[] frame, string part, int count) : MemoryStream
    {
        private readonly IEnumerator<byte[]> _parts = Enumerable.Repeat(part, count).Prepend(frame[0]).Append(frame[1]).Select(Encoding.UTF8.GetBytes).GetEnumerator();
        private byte[] _current = [];
        private int _at;

        public int Given { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            while (_at == _current.Length && _parts.MoveNext())
            {
                (_current, _at) = (_parts.Current, 0);
                Given++;
            }

            var length = Math.Min(buffer.Length, _current.Length - _at);
            _current.AsSpan(_at, length).CopyTo(buffer);
            _at += length;
            return length;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        protected override void Dispose(bool disposing)
        {
            _parts.Dispose();
            base.Dispose(disposing);
        }
    }
}
