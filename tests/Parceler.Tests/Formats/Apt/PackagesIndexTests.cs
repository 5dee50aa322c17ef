using System.Diagnostics;
using System.Globalization;
using System.Text;
using Parceler.Formats.Apt;
using Parceler.Tests.Support;

namespace Parceler.Tests.Formats.Apt;

/// <summary>Indexes as large as those of Debian, beside the real programs.</summary>
public class PackagesIndexTests
{
    [Fact]
    public void Writes_the_index_of_apt_ftparchive_as_it_read_it()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["pool"]);
        File.WriteAllBytes(folder["pool/a_1_all.deb"], Deb("a"));
        File.WriteAllBytes(folder["pool/b+x_2~rc1_all.deb"], Deb("b"));
        var packages = RealProgram.Run("sh", "-c", $"cd '{folder.Path}' && apt-ftparchive packages pool").Output;

        Copy(packages).Should().Be(packages);

        DebStanzas.Read(new MemoryStream(Encoding.UTF8.GetBytes(packages))).Select(stanza => stanza.Filename).Should().Equal("pool/a_1_all.deb", "pool/b+x_2~rc1_all.deb");
    }

    [Fact]
    public void Finds_the_values_that_grep_dctrl_finds()
    {
        using var folder = new TempFolder();
        var packages = folder.Write("Packages", Large(2000));

        var found = RealProgram.Run("grep-dctrl", "-n", "-s", "SHA256", "-F", "Package", "7", packages).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        using var content = File.OpenRead(packages);
        var ours = DebStanzas.Read(content).Where(stanza => stanza.Package.Contains('7', StringComparison.Ordinal)).Select(stanza => stanza.Sha256).ToArray();
        ours.Should().Equal(found).And.NotBeEmpty();
    }

    [Fact]
    [Trait("Speed", "slow")]
    public void Reads_and_writes_sixty_thousand_stanzas_in_the_memory_of_one()
    {
        var packages = Encoding.UTF8.GetBytes(Large(60_000));
        using var output = new MemoryStream(packages.Length);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();

        Copy(new MemoryStream(packages), output);

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        output.ToArray().Should().Equal(packages);
        allocated.Should().BeLessThan(1 << 20);
        Stopwatch.GetElapsedTime(start).Should().BeLessThan(TimeSpan.FromSeconds(5));
    }

    private static string Large(int count) => string.Concat(Enumerable.Range(0, count).Select(Stanza));

    private static string Stanza(int at) => string.Create(CultureInfo.InvariantCulture, $"""
        Package: package-{at}
        Source: source-{at / 3}
        Version: {at % 9}.{at % 17}-{at % 4}+deb12u1
        Installed-Size: {at * 13 % 100_000}
        Maintainer: Debian Maintainers <maintainers-{at % 100}@lists.example.org>
        Architecture: amd64
        Replaces: package-{at / 2} (<< 2.0)
        Depends: libc6 (>= 2.34), libgcc-s1 (>= 3.3.1), libstdc++6 (>= 11), package-{at / 2} (= {at % 9}.{at % 17}), package-{at / 5} | package-{at / 7}
        Description: package number {at} of a large index
        Homepage: https://www.example.org/packages/{at}
        Description-md5: {at:x32}
        Tag: implemented-in::c, interface::commandline, role::program,
         scope::utility, works-with::file
        Section: utils
        Priority: optional
        Filename: pool/main/p/package-{at}/package-{at}_{at % 9}.{at % 17}-{at % 4}+deb12u1_amd64.deb
        Size: {at * 31}
        MD5sum: {at:x32}
        SHA256: {at:x64}


        """);

    private static string Copy(string packages)
    {
        using var output = new MemoryStream();
        Copy(new MemoryStream(Encoding.UTF8.GetBytes(packages)), output);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static void Copy(Stream packages, Stream output)
    {
        var reader = new DebStanzaReader(packages);
        using var writer = new DebStanzaWriter(output);
        while (reader.Read())
        {
            writer.Write(reader.Current);
        }
    }

    private static byte[] Deb(string name) => new DebWriter(DateTimeOffset.UnixEpoch).Write(
        DebStanza.Parse($"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: {name}\n"), [], []);
}
