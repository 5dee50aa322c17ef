using Parceler.Formats.Rpm;
using Parceler.Formats.Signing;
using Parceler.Tests.Formats.Signing;

namespace Parceler.Tests.Formats.Rpm;

public class RpmFileTests(RpmRepository repository) : IClassFixture<RpmRepository>
{
    [Fact]
    public void Reads_what_rpm_says_of_a_package()
    {
        var package = Read(File.ReadAllBytes(repository.HelloRpm)).Package;

        RealProgram.Run("rpm", "-qp", "--nosignature", "--qf", "%{NEVRA} %{SIZE} %{ARCHIVESIZE} %{BUILDTIME} %{SOURCERPM}", repository.HelloRpm).Output
            .Should().Be($"{package.Name}-{package.Evr}.{package.Architecture} {package.InstalledSize} {package.ArchiveSize} {package.BuildTime} {package.SourceRpm}");
        package.Files.Should().Equal(
            new RpmPath("/etc/hello.conf"), new RpmPath("/usr/bin/hello"), new RpmPath("/usr/share/hello", "dir"), new RpmPath("/usr/share/hello/data"), new RpmPath("/var/log/hello.log", "ghost"));
    }

    [Fact]
    public void Knows_a_source() => Read(File.ReadAllBytes(repository.SourceRpm)).Package.ToString().Should().Be("plain-3-2.src");

    [Theory]
    [InlineData("rsa3072")]
    [InlineData("ed25519")]
    public void Verifies_the_signature_inside_a_package(string kind)
    {
        using var gpg = new GpgHome();
        gpg.Generate("a", kind);
        var signed = Sign(gpg);
        var verifier = new OpenPgpVerifier(OpenPgpKeyring.Parse(gpg.Run("--export")), OpenPgpPolicy.Default);
        var now = TimeProvider.System.GetUtcNow().AddMinutes(1);

        Read(signed).Verify(verifier, now).Should().BeOfType<OpenPgpVerdict.Good>().Which.Key.Should().Be(gpg.Fingerprints("a")[0]);
        Read(File.ReadAllBytes(repository.HelloRpm)).Verify(verifier, now).Should().BeOfType<OpenPgpVerdict.Refused>().Which.ToString().Should().Contain("not signed");
    }

    [Fact]
    public void Refuses_every_part_of_a_package()
    {
        var whole = File.ReadAllBytes(repository.HelloRpm);

        foreach (var length in Enumerable.Range(0, whole.Length).Where(length => length % 13 == 0 || length > whole.Length - 50))
        {
            FluentActions.Invoking(() => Read(whole[..length])).Should().Throw<InvalidDataException>($"{length} bytes are a part");
        }
    }

    [Fact]
    public void Refuses_a_package_with_a_byte_changed_in_its_header_or_content()
    {
        var whole = File.ReadAllBytes(repository.HelloRpm);
        var start = Read(whole).Package.HeaderRange.Start;

        for (var at = start; at < whole.Length; at += 7)
        {
            var changed = whole.ToArray();
            changed[at] ^= 1;
            FluentActions.Invoking(() => Read(changed)).Should().Throw<InvalidDataException>($"byte {at} is changed");
        }
    }

    [Fact]
    public void Refuses_a_header_beyond_its_limit() =>
        FluentActions.Invoking(() => new RpmReader(new() { Header = 1000 }).Read(File.OpenRead(repository.HelloRpm))).Should().Throw<InvalidDataException>().WithMessage("*more than 1000*");

    [Fact]
    public void Never_fails_in_another_way()
    {
        var valid = WithoutHashes(File.ReadAllBytes(repository.HelloRpm));
        Read(valid).Package.Name.Should().Be("hello");

        Hostile.SampleMutations<InvalidDataException>(valid, file => Read(file), iter: 3000);
        Hostile.SampleNoise<InvalidDataException>(valid, file => Read(file));
    }

    private static RpmFile Read(byte[] rpm) => new RpmReader(RpmLimits.Default).Read(new MemoryStream(rpm));

    // the tags of the hashes become unknown ones, so that mutations reach all that is behind them
    private static byte[] WithoutHashes(byte[] rpm)
    {
        var changed = rpm.ToArray();
        foreach (var tag in new byte[][] { [0, 0, 1, 17, 0, 0, 0, 6], [0, 0, 3, 232, 0, 0, 0, 4], [0, 0, 19, 229, 0, 0, 0, 4] })
        {
            var at = changed.AsSpan().IndexOf(tag);
            at.Should().BePositive();
            changed[at] = 0x7f;
        }

        return changed;
    }

    private byte[] Sign(GpgHome gpg)
    {
        File.Copy(repository.HelloRpm, gpg["signed.rpm"]);
        var run = RealProgram.Run(
            "rpmsign", "--define", $"_gpg_path {gpg["home"]}", "--define", "_gpg_name a", "--define", "__gpg /usr/bin/gpg", "--define", "_gpg_sign_cmd_extra_args --batch --pinentry-mode loopback --passphrase ''", "--addsign", gpg["signed.rpm"]);
        run.ExitCode.Should().Be(0, run.Output);
        return File.ReadAllBytes(gpg["signed.rpm"]);
    }
}
