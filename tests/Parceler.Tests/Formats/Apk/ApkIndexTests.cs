using System.IO.Compression;
using Parceler.Formats.Apk;
using Parceler.Formats.Signing;
using Parceler.Tests.Support;

namespace Parceler.Tests.Formats.Apk;

public class ApkIndexTests
{
    private static readonly AdbFile Sample = Read(ApkSamples.Index);
    private static readonly ApkPackage Hello = ApkIndex.Of(Sample).Packages[2];

    [Fact]
    public void Reads_the_index_of_apk()
    {
        var index = ApkIndex.Of(Sample);

        (index.Description, index.PackageNames).Should().Be(("a feed", null));
        index.Packages.Select(package => package.FileName).Should().Equal("aplus-2_rc1-r0.apk", "empty-3.apk", "hello-1.0-r1.apk");
        (Hello.Description, Hello.Architecture, Hello.License, Hello.Origin, Hello.Maintainer, Hello.Url).Should().Be(("Says hello", "noarch", "MIT", "feeds/hello", "A", "http://e.org"));
        (Hello.InstalledSize, Hello.FileSize, Hello.ProviderPriority, Hello.BuildTime).Should().Be((3UL, 502UL, 100UL, null));
        Convert.ToHexStringLower(Hello.Hash.Span).Should().Be("c8cfaa0d5a3712c8bc2715193d056e43631bb878e69a5c9267dd8fd628977b74");
        Hello.Depends.Select(dependency => dependency.ToString()).Should().Equal("b>=1", "!c", "d~2", "libc");
        Hello.Provides.Select(dependency => dependency.ToString()).Should().Equal("a", "b=1");
        Hello.Tags.Should().Equal("openwrt:abiversion=1", "b");
    }

    [Fact]
    public void Reads_of_each_package_what_the_index_of_apk_says()
    {
        var packages = new[] { ApkSamples.Aplus, ApkSamples.Empty, ApkSamples.Hello }.Select(file => new ApkReader(AdbLimits.Default).Read(new MemoryStream(file)));

        new ApkIndex("a feed", null, [.. packages]).Should().BeEquivalentTo(ApkIndex.Of(Sample), options => options.Using<ReadOnlyMemory<byte>>(
            pair => pair.Subject.ToArray().Should().Equal(pair.Expectation.ToArray())).WhenTypeIs<ReadOnlyMemory<byte>>());
    }

    [Fact]
    public void Writes_the_file_that_it_read()
    {
        var again = Read(Sample.ToBytes());

        again.Payload.ToArray().Should().Equal(Sample.Payload.ToArray());
        ApkPublicKey.Parse(ApkSamples.EcdsaKey).Verify(again).Should().BeTrue();
    }

    [Fact]
    public void Writes_an_index_that_says_the_same_whatever_the_order()
    {
        var index = ApkIndex.Of(Sample);
        var file = new ApkIndex(index.Description, index.PackageNames, [.. index.Packages.Reverse()]).ToFile();

        ApkIndex.Of(file).Should().BeEquivalentTo(index, options => options.WithStrictOrdering().Using<ReadOnlyMemory<byte>>(
            pair => pair.Subject.ToArray().Should().Equal(pair.Expectation.ToArray())).WhenTypeIs<ReadOnlyMemory<byte>>());
        file.ToBytes().Should().Equal(index.ToFile().ToBytes());
    }

    [Fact]
    public void Writes_numbers_and_texts_of_any_size()
    {
        var package = new ApkPackage("a", "1") { InstalledSize = 5UL << 32, FileSize = 0xF0000000, BuildTime = 0, Description = new('x', 300), License = new('y', 70_000), Layer = 0x0FFFFFFF };

        var read = ApkIndex.Of(Read(new ApkIndex(null, "${name}.apk", [package]).ToFile().ToBytes()));

        read.PackageNames.Should().Be("${name}.apk");
        var found = read.Packages[0];
        (found.InstalledSize, found.FileSize, found.BuildTime, found.Layer).Should().Be((package.InstalledSize, package.FileSize, package.BuildTime, package.Layer));
        (found.Description, found.License).Should().Be((package.Description, package.License));
    }

    [Fact]
    public void Verifies_the_signatures_of_apk_by_ecdsa_and_rsa()
    {
        ApkPublicKey.Parse(ApkSamples.EcdsaKey).Verify(Sample).Should().BeTrue();
        ApkPublicKey.Parse(ApkSamples.RsaKey).Verify(Sample).Should().BeTrue();
        ApkPublicKey.Parse(ApkSamples.EcdsaKey).Verify(Read(ApkSamples.Hello)).Should().BeTrue();
        ApkPublicKey.Parse(ApkSamples.RsaKey).Verify(Read(ApkSamples.Hello)).Should().BeFalse();
    }

    [Fact]
    public void Refuses_the_signature_of_another_description_or_key()
    {
        using var key = ApkSecretKey.Generate();
        using var other = ApkSecretKey.Generate();
        var file = key.Sign(ApkIndex.Of(Sample).ToFile());
        var changed = ApkIndex.Of(Sample) with { Description = "another" };

        key.PublicKey.Verify(file).Should().BeTrue();
        other.PublicKey.Verify(file).Should().BeFalse();
        key.PublicKey.Verify(new AdbFileOf(changed.ToFile(), file).ToFile()).Should().BeFalse();
    }

    [Fact]
    public void Openssl_verifies_what_it_signed_and_it_reads_keys_of_openssl()
    {
        using var folder = new TempFolder();
        RealProgram.Run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", folder["ec.pem"]).ExitCode.Should().Be(0);
        RealProgram.Run("openssl", "genrsa", "-out", folder["rsa.pem"], "2048").ExitCode.Should().Be(0);
        foreach (var name in new[] { "ec.pem", "rsa.pem" })
        {
            using var key = ApkSecretKey.Parse(File.ReadAllText(folder[name]));
            var publicKey = RealProgram.Run("openssl", "pkey", "-in", folder[name], "-pubout").Output;

            key.PublicKey.ToText().Should().Be(publicKey);
            ApkPublicKey.Parse(publicKey).Verify(key.Sign(Sample)).Should().BeTrue();
            ApkSecretKey.Parse(key.ToText()).PublicKey.KeyId.Should().Be(key.PublicKey.KeyId);
        }
    }

    [Fact]
    public void Apk_trusts_and_reads_what_it_wrote()
    {
        using var folder = new TempFolder();
        using var key = ApkSecretKey.Generate();
        folder.Write("keys/our.pem", key.PublicKey.ToText());
        File.WriteAllBytes(folder["ours.adb"], key.Sign(ApkIndex.Of(Sample).ToFile()).ToBytes());
        File.WriteAllBytes(folder["theirs.adb"], ApkSamples.Index);

        var ours = RealProgram.Run("apk", "adbdump", "--keys-dir", folder["keys"], folder["ours.adb"]);
        var theirs = RealProgram.Run("apk", "adbdump", "--allow-untrusted", folder["theirs.adb"]);

        ours.Output.Should().Contain(": OK");
        Packages(ours.Output).Should().Equal(Packages(theirs.Output));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n")] // Ed25519
    public void Refuses_what_is_no_key_of_apk(string pem)
    {
        FluentActions.Invoking(() => ApkPublicKey.Parse(pem)).Should().Throw<FormatException>();
        FluentActions.Invoking(() => ApkSecretKey.Parse(pem)).Should().Throw<FormatException>();
    }

    private static AdbFile Read(byte[] file) => AdbFile.Read(new MemoryStream(file), AdbLimits.Default);

    private static string[] Packages(string dump) => [.. dump.Split('\n').Where(line => !line.StartsWith('#'))];

    /// <summary>One description with the signatures of another.</summary>
    private sealed record AdbFileOf(AdbFile Description, AdbFile Signed)
    {
        public AdbFile ToFile()
        {
            var (description, signed) = (Unpack(Description.ToBytes()), Unpack(Signed.ToBytes()));
            var signatures = signed[(8 + ((Signed.Payload.Length + 4 + 7) & ~7))..];
            return Read([.. description, .. signatures]);
        }

        private static byte[] Unpack(byte[] file)
        {
            using var output = new MemoryStream();
            using var deflate = new DeflateStream(new MemoryStream(file[4..]), CompressionMode.Decompress);
            deflate.CopyTo(output);
            return output.ToArray();
        }
    }
}
