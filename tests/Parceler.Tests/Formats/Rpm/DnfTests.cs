using System.Security.Cryptography;
using Parceler.Formats.Compression;
using Parceler.Formats.Rpm;
using Parceler.Formats.Signing;
using Parceler.Tests.Support;

namespace Parceler.Tests.Formats.Rpm;

/// <summary>A repository that we wrote from its packages to its signature, as the real dnf takes it.</summary>
[Trait("Speed", "slow")]
public sealed class DnfTests(RpmRepository packages) : IClassFixture<RpmRepository>, IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    private static readonly OpenPgpSecretKey Key = OpenPgpSecretKey.Generate("test", Now.AddDays(-1));
    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData(CompressionMethod.Gzip, "gz")]
    [InlineData(CompressionMethod.Zstd, "zst")]
    public void Dnf_takes_a_repository_that_we_wrote(CompressionMethod method, string extension)
    {
        Publish(method, extension, Key);

        var found = Dnf("repoquery", "--requires", "hello");

        found.ExitCode.Should().Be(0, found.Output);
        found.Output.Should().Contain("libx(x86-64)").And.Contain("bash >= 4");
        Dnf("repoquery", "-l", "hello").Output.Should().Contain("/usr/share/hello/data");
    }

    [Fact]
    public void Dnf_refuses_it_by_another_key()
    {
        Publish(CompressionMethod.Gzip, "gz", OpenPgpSecretKey.Generate("other", Now.AddDays(-1)));

        Dnf("repoquery", "hello").ExitCode.Should().NotBe(0);
    }

    public void Dispose() => _folder.Dispose();

    private (int ExitCode, string Output) Dnf(params string[] arguments) => RealProgram.Run(
        "dnf", ["--assumeyes", "--config", _folder["dnf.conf"], "--installroot", _folder["root"], "--releasever", "1", .. arguments]);

    private void Publish(CompressionMethod method, string extension, OpenPgpSecretKey key)
    {
        Directory.CreateDirectory(_folder["repository/repodata"]);
        File.Copy(packages.HelloRpm, _folder["repository/hello.rpm"]);
        using var rpm = File.OpenRead(packages.HelloRpm);
        var hello = new RpmReader(RpmLimits.Default).Read(rpm).Package with { Location = "hello.rpm" };
        var repoMd = new RepoMd("1", [
            Index("primary", method, extension, output => { using var writer = new PrimaryWriter(output, 1); writer.Write(hello); }),
            Index("filelists", method, extension, output => { using var writer = new FileListsWriter(output, 1); writer.Write(RpmFileList.Of(hello)); }),
        ]);
        File.WriteAllBytes(_folder["repository/repodata/repomd.xml"], repoMd.ToBytes());
        _folder.Write("repository/repodata/repomd.xml.asc", key.Sign(new MemoryStream(repoMd.ToBytes()), Now));
        _folder.Write("key.asc", Key.ToPublicText());
        _folder.Write("dnf.conf", $"[main]\nplugins=0\nreposdir=/nowhere\ncachedir={_folder["cache"]}\nlogdir={_folder["log"]}\n[test]\nname=test\nbaseurl=file://{_folder["repository"]}\nrepo_gpgcheck=1\ngpgkey=file://{_folder["key.asc"]}\n");
    }

    private RepoMdEntry Index(string type, CompressionMethod method, string extension, Action<Stream> write)
    {
        using var content = new MemoryStream();
        write(content);
        using var packed = new MemoryStream();
        using (var packing = CompressedStream.OpenWrite(packed, method))
        {
            packing.Write(content.ToArray());
        }

        var sum = Sum(packed);
        File.WriteAllBytes(_folder[$"repository/repodata/{sum}-{type}.xml.{extension}"], packed.ToArray());
        return new(type, $"repodata/{sum}-{type}.xml.{extension}", "sha256", sum)
        {
            OpenChecksumType = "sha256",
            OpenChecksum = Sum(content),
            Timestamp = Now.ToUnixTimeSeconds(),
            Size = packed.Length,
            OpenSize = content.Length,
        };
    }

    private static string Sum(MemoryStream content) => Convert.ToHexStringLower(SHA256.HashData(content.ToArray()));
}
