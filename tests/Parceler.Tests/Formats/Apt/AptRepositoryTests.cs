using System.Security.Cryptography;
using System.Text;
using Parceler.Formats.Apt;
using Parceler.Formats.Compression;
using Parceler.Formats.Signing;
using Parceler.Tests.Support;

namespace Parceler.Tests.Formats.Apt;

/// <summary>A repository that we wrote from its packages to its signature, as the real apt takes it.</summary>
[Trait("Speed", "slow")]
public sealed class AptRepositoryTests : IDisposable
{
    private const string Folder = "dists/stable/";
    private const string Index = "main/binary-amd64/Packages";
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    private static readonly OpenPgpSecretKey Key = OpenPgpSecretKey.Generate("test", Now.AddDays(-1));
    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData(CompressionMethod.Gzip, ".gz", true)]
    [InlineData(CompressionMethod.Zstd, ".zst", false)]
    public async Task Apt_takes_a_repository_that_we_wrote(CompressionMethod method, string extension, bool isInline)
    {
        Publish(method, extension, isInline);
        using var apt = new AptRoot(new($"file://{_folder.Path}"), _folder.Write("key.asc", Key.ToPublicText()));

        (await apt.UpdateAsync()).Succeeded();

        (await apt.CandidateAsync("hello")).Should().Be("1:1.0~rc1");
        (await apt.DownloadAsync("hello")).Should().Equal(File.ReadAllBytes(_folder["pool/hello.deb"]));
    }

    [Fact]
    public async Task Apt_refuses_it_by_another_key()
    {
        Publish(CompressionMethod.Gzip, ".gz", isInline: true);
        using var apt = new AptRoot(new($"file://{_folder.Path}"), _folder.Write("key.asc", OpenPgpSecretKey.Generate("other", Now.AddDays(-1)).ToPublicText()));

        (await apt.UpdateAsync()).Output.Should().Contain("NO_PUBKEY");
    }

    public void Dispose() => _folder.Dispose();

    private void Publish(CompressionMethod method, string extension, bool isInline)
    {
        var deb = new DebWriter(Now).Write(DebStanza.Parse("Package: hello\nVersion: 1:1.0~rc1\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: hello\n"), [], []);
        Write("pool/hello.deb", deb);
        var packages = Bytes($"{new DebReader(DebLimits.Default).List(new MemoryStream(deb), "pool/hello.deb")}\n");
        var packed = Pack(packages, method);
        Write($"{Folder}{Index}{extension}", packed);
        var release = AptRelease.Of(
            [new("Suite", "stable"), new("Codename", "stable"), new("Architectures", "amd64"), new("Components", "main")], Now, [Listed(Index, packages), Listed($"{Index}{extension}", packed)]);
        Sign(release, isInline);
    }

    private void Sign(AptRelease release, bool isInline)
    {
        if (isInline)
        {
            Write($"{Folder}InRelease", Bytes(Key.SignClear(Encoding.UTF8.GetString(release.ToBytes()), Now)));
            return;
        }

        Write($"{Folder}Release", release.ToBytes());
        Write($"{Folder}Release.gpg", Bytes(Key.Sign(new MemoryStream(release.ToBytes()), Now)));
    }

    private static ReleaseFile Listed(string path, byte[] content) => new(path, content.Length, AptHash.SHA256, Convert.ToHexStringLower(SHA256.HashData(content)));

    private static byte[] Pack(byte[] content, CompressionMethod method)
    {
        using var output = new MemoryStream();
        using (var packing = CompressedStream.OpenWrite(output, method))
        {
            packing.Write(content);
        }

        return output.ToArray();
    }

    private void Write(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
        File.WriteAllBytes(_folder[path], content);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
