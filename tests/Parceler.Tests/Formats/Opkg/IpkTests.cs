using System.Formats.Tar;
using System.IO.Compression;
using Parceler.Formats.Archives;
using Parceler.Formats.Opkg;
using Parceler.Tests.Support;

namespace Parceler.Tests.Formats.Opkg;

public class IpkTests
{
    private static readonly IpkContent Hello = new(
        OpkgStanzas.Parse("Package: parceler-hello\nVersion: 1:1.0+git1-r1\nArchitecture: x86_64\nDescription:  Says hello\n").Single(),
        [new("usr/bin/hello", "#!/bin/sh\necho hello\n"u8.ToArray(), PackagedFile.Executable), new("etc/config/hello", "config hello\n"u8.ToArray())])
    {
        Scripts = [new("postinst", "#!/bin/sh\n"u8.ToArray(), PackagedFile.Executable)],
    };

    [Fact]
    public void Is_named_by_package_version_without_epoch_and_architecture() => Hello.FileName.Should().Be("parceler-hello_1.0+git1-r1_x86_64.ipk");

    [Fact]
    public void Gives_the_control_back_with_the_installed_size()
    {
        var control = Read(Write(Hello));

        control.ToString().Should().MatchRegex(
            "^Package: parceler-hello\nVersion: 1:1.0\\+git1-r1\nArchitecture: x86_64\nInstalled-Size: [1-9][0-9]+\nDescription:  Says hello\n$");
    }

    [Fact]
    public void Is_the_same_to_the_byte_each_time() => Write(Hello).Should().Equal(Write(Hello));

    [Fact]
    public void Is_what_tar_and_gzip_of_the_system_read()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["hello.ipk"], Write(Hello));

        RealProgram.Run("gzip", "-t", folder["hello.ipk"]).Should().Be((0, ""));
        RealProgram.Run("tar", "-C", folder.Path, "-xzf", folder["hello.ipk"]).Should().Be((0, ""));
        File.ReadAllText(folder["debian-binary"]).Should().Be("2.0\n");
        List(folder["control.tar.gz"]).Should().Equal("drwxr-xr-x 0/0 ./", "-rw-r--r-- 0/0 ./control", "-rwxr-xr-x 0/0 ./postinst");
        List(folder["data.tar.gz"]).Should().Equal(
            "drwxr-xr-x 0/0 ./",
            "drwxr-xr-x 0/0 ./etc/",
            "drwxr-xr-x 0/0 ./etc/config/",
            "-rw-r--r-- 0/0 ./etc/config/hello",
            "drwxr-xr-x 0/0 ./usr/",
            "drwxr-xr-x 0/0 ./usr/bin/",
            "-rwxr-xr-x 0/0 ./usr/bin/hello");
    }

    [Fact]
    public void Installs_an_empty_folder_if_there_are_no_files()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["data.tar.gz"], Member(Write(Hello with { Files = [] }), "./data.tar.gz"));

        List(folder["data.tar.gz"]).Should().Equal("drwxr-xr-x 0/0 ./");
    }

    [Fact]
    public void Has_GNU_headers_and_nothing_where_opkg_looks_for_the_folder_of_a_long_name()
    {
        var header = Unpack(Write(Hello)).AsSpan(0, 512);

        header[257..265].SequenceEqual("ustar  \0"u8).Should().BeTrue();
        header[345..].ContainsAnyExcept((byte)0).Should().BeFalse();
    }

    [Fact]
    public void Carries_names_longer_than_a_header_holds_without_PAX()
    {
        var path = $"usr/{new string('a', 150)}/file";

        var tar = Unpack(Member(Write(Hello with { Files = [new(path, [1])] }), "./data.tar.gz"));

        using var reader = new TarReader(new MemoryStream(tar));
        var entries = Enumerable.Range(0, 4).Select(_ => reader.GetNextEntry()!).ToArray();
        entries.Should().AllSatisfy(entry => entry.Format.Should().Be(TarEntryFormat.Gnu));
        entries[3].Name.Should().Be($"./{path}");
    }

    private static IEnumerable<string> List(string archive) =>
        RealProgram.Run("tar", "--numeric-owner", "--full-time", "-tvzf", archive).Output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(words => words[3..5] is ["2023-11-14", "22:13:20"] ? $"{words[0]} {words[1]} {words[^1]}" : $"another time: {string.Join(' ', words)}");

    private static byte[] Member(byte[] ipk, string name)
    {
        using var reader = new TarReader(new MemoryStream(Unpack(ipk)));
        while (reader.GetNextEntry() is { } entry)
        {
            if (entry.Name == name)
            {
                using var content = new MemoryStream();
                entry.DataStream!.CopyTo(content);
                return content.ToArray();
            }
        }

        throw new FileNotFoundException(name);
    }

    private static byte[] Unpack(byte[] gzip)
    {
        using var output = new MemoryStream();
        using var stream = new GZipStream(new MemoryStream(gzip), CompressionMode.Decompress);
        stream.CopyTo(output);
        return output.ToArray();
    }

    private static byte[] Write(IpkContent content) => new IpkWriter(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000)).Write(content);

    private static OpkgStanza Read(byte[] ipk) => new IpkReader(IpkLimits.Default).ReadControl(new MemoryStream(ipk));
}
