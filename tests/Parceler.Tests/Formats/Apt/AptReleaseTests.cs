using System.Text;
using Parceler.Formats.Apt;
using Parceler.Tests.Support;

namespace Parceler.Tests.Formats.Apt;

public class AptReleaseTests
{
    private static readonly string Sum = new('a', 64);
    private static readonly DateTimeOffset Date = new(2025, 11, 8, 9, 30, 0, TimeSpan.Zero);

    [Fact]
    public void Reads_the_release_of_apt_ftparchive()
    {
        using var folder = new TempFolder();
        folder.Write("main/binary-amd64/Packages", "Package: a\n\n");
        var text = RealProgram.Run("apt-ftparchive", "release", "-o", "APT::FTPArchive::Release::Suite=stable", "-o", "APT::FTPArchive::Release::Architectures=amd64 arm64", folder.Path).Output;
        var sum = RealProgram.Run("sha256sum", folder["main/binary-amd64/Packages"]).Output[..64];

        var release = AptRelease.Parse(Encoding.UTF8.GetBytes(text));

        (release.Suite, release.Date.HasValue, release.ValidUntil, release.StrongestHash).Should().Be(("stable", true, null, AptHash.SHA512));
        release.Architectures.Should().Equal("amd64", "arm64");
        release.Files[0].Should().Be(new ReleaseFile("main/binary-amd64/Packages", 12, AptHash.SHA256, sum));
        release.Files[0].ByHashPath.Should().Be($"main/binary-amd64/by-hash/SHA256/{sum}");
        Encoding.UTF8.GetString(release.ToBytes()).Should().Be(text);
    }

    [Fact]
    public void Writes_a_release_that_it_reads()
    {
        var release = AptRelease.Of(
            [new("Origin", "Parceler"), new("Suite", "stable"), new("Components", "main contrib"), new("Acquire-By-Hash", "yes")],
            Date,
            [new("main/Packages.gz", 7, AptHash.SHA256, Sum), new("main/Packages", 12345, AptHash.SHA256, Sum)]);

        Encoding.UTF8.GetString(release.ToBytes()).Should().Be(
            $"Origin: Parceler\nSuite: stable\nComponents: main contrib\nAcquire-By-Hash: yes\nDate: Sat, 08 Nov 2025 09:30:00 UTC\nSHA256:\n {Sum}            12345 main/Packages\n {Sum}                7 main/Packages.gz\n");
        (release.Date, release.HasByHash, release.StrongestHash).Should().Be((Date, true, AptHash.SHA256));
        release.Components.Should().Equal("main", "contrib");
    }

    [Theory]
    [InlineData("Sat, 08 Nov 2025 09:30:00 UTC")]
    [InlineData("Sat, 8 Nov 2025 09:30:00 GMT")]
    [InlineData("Sat, 08 Nov 2025 09:30:00 +0000")]
    public void Reads_a_time_as_apt_does(string time) => Parse($"Date: {time}\nValid-Until: {time}\n").ValidUntil.Should().Be(Date);

    [Theory]
    [InlineData("Sat, 08 Nov 2025 09:30:00 +0100")]
    [InlineData("2025-11-08")]
    public void Refuses_another_time(string time) =>
        FluentActions.Invoking(() => Parse($"Valid-Until: {time}\n")).Should().Throw<InvalidDataException>().WithMessage("*Valid-Until*");

    [Theory]
    [InlineData("../Packages")]
    [InlineData("/etc/passwd")]
    [InlineData("main//Packages")]
    [InlineData("main/./Packages")]
    [InlineData("main/..")]
    [InlineData("")]
    public void Refuses_a_path_that_is_not_below(string path) =>
        FluentActions.Invoking(() => Parse($"SHA256:\n {Sum} 1 {path}\n")).Should().Throw<InvalidDataException>();

    [Theory]
    [InlineData("aa 1 Packages")]
    [InlineData("SUM -1 Packages")]
    [InlineData("SUM Packages")]
    public void Refuses_a_line_that_is_no_sum_and_size(string line) =>
        FluentActions.Invoking(() => Parse($"SHA256:\n {line.Replace("SUM", Sum, StringComparison.Ordinal)}\n")).Should().Throw<InvalidDataException>();

    [Fact]
    public void Never_fails_in_another_way()
    {
        var valid = AptRelease.Of([new("Suite", "stable")], Date, [new("main/Packages", 1, AptHash.SHA256, Sum)]).ToBytes();

        Hostile.SampleMutations<InvalidDataException>(valid, file => AptRelease.Parse(file));
        Hostile.SampleNoise<InvalidDataException>(valid, file => AptRelease.Parse(file));
    }

    private static AptRelease Parse(string text) => AptRelease.Parse(Encoding.UTF8.GetBytes(text));
}
