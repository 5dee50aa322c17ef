using System.Text;
using Parceler.Formats.Apt;
using Parceler.Formats.Archives;
using Parceler.Tests.Support;

namespace Parceler.Tests.Formats.Apt;

public class DebTests
{
    private const string Control = "Package: hello\nVersion: 1:1.0\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: says hello\n in short\n";

    [Theory]
    [InlineData("gzip")]
    [InlineData("xz")]
    [InlineData("zstd")]
    [InlineData("none")]
    public void Reads_the_control_that_dpkg_deb_packed(string compression)
    {
        using var folder = new TempFolder();
        var deb = File.ReadAllBytes(Build(folder, $"-Z{compression}", "--uniform-compression"));

        Read(deb).ToString().Should().Be(Control);
        FluentActions.Invoking(() => Read(deb[..^2])).Should().Throw<InvalidDataException>().WithMessage("*cut short*");
    }

    [Fact]
    public void Dpkg_deb_reads_what_it_wrote()
    {
        using var folder = new TempFolder();
        var package = new DebWriter(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000)).Write(
            DebStanza.Parse(Control),
            [new("usr/bin/hello", "#!/bin/sh\n"u8.ToArray(), PackagedFile.Executable)],
            [new("postinst", "#!/bin/sh\n"u8.ToArray(), PackagedFile.Executable)]);
        File.WriteAllBytes(folder["hello.deb"], package);

        RealProgram.Run("dpkg-deb", "--field", folder["hello.deb"]).Should().Be((0, Control));
        RealProgram.Run("dpkg-deb", "--contents", folder["hello.deb"]).Output.Should().Contain("-rwxr-xr-x").And.Contain("2023-11-14 22:13 ./usr/bin/hello");
        RealProgram.Run("dpkg-deb", "--ctrl-tarfile", folder["hello.deb"]).Output.Should().Contain("./postinst");
        Read(package).ToString().Should().Be(Control);
    }

    [Fact]
    public void Steps_over_members_for_others()
    {
        using var folder = new TempFolder();
        var deb = File.ReadAllBytes(Build(folder, "-Zgzip"));
        var format = 8 + 60 + 4;
        var member = Encoding.ASCII.GetBytes($"{"_odd",-16}{0,-12}{0,-6}{0,-6}{100644,-8}{3,-10}`\nabc\n");

        Read([.. deb.AsSpan(0, format), .. member, .. deb.AsSpan(format)]).Package.Should().Be("hello");
    }

    [Fact]
    public void Refuses_a_package_of_another_format()
    {
        using var folder = new TempFolder();
        var deb = File.ReadAllBytes(Build(folder, "-Zgzip"));
        deb[8 + 60] = (byte)'3';

        FluentActions.Invoking(() => Read(deb)).Should().Throw<InvalidDataException>().WithMessage("*format 2*");
    }

    [Theory]
    [InlineData(100, 1 << 20)]
    [InlineData(1 << 20, 20)]
    public void Refuses_a_control_beyond_its_limits(int tree, int control)
    {
        using var folder = new TempFolder();
        using var deb = File.OpenRead(Build(folder, "-Zxz"));

        FluentActions.Invoking(() => new DebReader(new() { ControlTree = tree, Control = control }).ReadControl(deb))
            .Should().Throw<InvalidDataException>().WithMessage("*more than*");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("xz")]
    [InlineData("zstd")]
    public void Never_fails_in_another_way(string compression)
    {
        using var folder = new TempFolder();
        var valid = File.ReadAllBytes(Build(folder, $"-Z{compression}", "-z1"));
        var reader = new DebReader(new() { ControlTree = 1 << 20, Window = 1 << 20 });

        Hostile.SampleMutations<InvalidDataException>(valid, file => reader.ReadControl(new MemoryStream(file)));
        Hostile.SampleNoise<InvalidDataException>(valid, file => reader.ReadControl(new MemoryStream(file)));
    }

    private static DebStanza Read(byte[] deb) => new DebReader(DebLimits.Default).ReadControl(new MemoryStream(deb));

    private static string Build(TempFolder folder, params string[] options)
    {
        folder.Write("tree/DEBIAN/control", Control);
        folder.Write("tree/usr/share/hello", "hello");
        var result = RealProgram.Run("dpkg-deb", ["--root-owner-group", .. options, "--build", folder["tree"], folder["hello.deb"]]);
        result.ExitCode.Should().Be(0, result.Output);
        return folder["hello.deb"];
    }
}
