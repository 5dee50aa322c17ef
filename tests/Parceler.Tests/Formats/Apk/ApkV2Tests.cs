using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Parceler.Formats.Apk;
using Parceler.Formats.Archives;
using Parceler.Formats.Compression;
using Parceler.Formats.Signing;
using Parceler.Tests.Support;

namespace Parceler.Tests.Formats.Apk;

public class ApkV2Tests
{
    private const string KeyName = "test.rsa.pub";
    private const string Entry = """
        C:CHECKSUM
        P:hello
        V:1.0-r1
        A:x86_64
        S:819
        I:3
        T:Says hello
        U:https://example.org
        L:MIT
        o:hello
        m:A <a@example.org>
        t:1700000000
        c:0123456789abcdef0123456789abcdef01234567
        D:libc b>=1
        p:cmd:hello=1.0-r1

        """;

    private static readonly ApkPublicKey Key = ApkPublicKey.Parse(ApkSamples.RsaKey);

    [Fact]
    public void Reads_the_index_of_apk()
    {
        var index = Read(ApkSamples.IndexV2);

        index.Description.Should().Be("v2 feed");
        var hello = index.Packages.Should().ContainSingle().Which;
        (hello.Name, hello.Version, hello.Architecture, hello.Size, hello.FileName).Should().Be(("hello", "1.0-r1", "x86_64", 819L, "hello-1.0-r1.apk"));
        hello.ToString().Should().Be(Entry.Replace("CHECKSUM", hello.Checksum, StringComparison.Ordinal));
    }

    [Fact]
    public void Reads_of_a_package_what_the_index_of_apk_says() =>
        new ApkV2Reader(ApkV2Limits.Default).Read(new MemoryStream(ApkSamples.HelloV2)).ToString().Should().Be(Read(ApkSamples.IndexV2).Packages[0].ToString());

    [Fact]
    public void Verifies_a_signature_over_sha1_only_if_told()
    {
        var index = Read(ApkSamples.IndexV2);

        index.IsSignedBy(KeyName, Key, allowSha1: true).Should().BeTrue();
        index.IsSignedBy(KeyName, Key, allowSha1: false).Should().BeFalse();
        index.IsSignedBy("other.pub", Key, allowSha1: true).Should().BeFalse();
    }

    [Fact]
    public void Verifies_what_it_wrote_and_not_what_was_changed_after()
    {
        var packages = Read(ApkSamples.IndexV2).Packages;
        using var key = SecretKey();
        var file = ApkV2Index.Write("ours", packages, KeyName, key);

        var index = Read(file);

        (index.Description, index.Packages.Single().ToString()).Should().Be(("ours", packages.Single().ToString()));
        index.IsSignedBy(KeyName, key.PublicKey, allowSha1: false).Should().BeTrue();
        index.IsSignedBy(KeyName, Key, allowSha1: true).Should().BeFalse();
        ApkV2Index.Write("ours", packages, KeyName, key).Should().Equal(file);
    }

    [Fact]
    public void Apk_trusts_what_it_wrote()
    {
        using var folder = new TempFolder();
        using var key = SecretKey();
        folder.Write($"keys/{KeyName}", key.PublicKey.ToText());
        File.WriteAllBytes(folder["APKINDEX.tar.gz"], ApkV2Index.Write("ours", Read(ApkSamples.IndexV2).Packages, KeyName, key));

        RealProgram.Run("apk", "verify", "--keys-dir", folder["keys"], folder["APKINDEX.tar.gz"]).Output.Should().Contain("APKINDEX.tar.gz: OK");
        RealProgram.Run("tar", "-xzOf", folder["APKINDEX.tar.gz"], "APKINDEX").Output.Should().Contain("P:hello\n");
    }

    [Fact]
    public void Refuses_a_package_whose_content_was_changed()
    {
        var changed = ApkSamples.HelloV2.ToArray();
        changed[^5] ^= 1;

        FluentActions.Invoking(() => new ApkV2Reader(ApkV2Limits.Default).Read(new MemoryStream(changed))).Should().Throw<InvalidDataException>().WithMessage("*hash*");
    }

    [Fact]
    public void Refuses_an_index_with_more_after_what_is_signed() =>
        FluentActions.Invoking(() => Read([.. ApkSamples.IndexV2, .. ApkSamples.IndexV2])).Should().Throw<InvalidDataException>();

    [Fact]
    public void Refuses_an_index_that_stands_there_twice() =>
        FluentActions.Invoking(() => Read(Packed(("APKINDEX", "P:a\nV:1\n"), ("APKINDEX", "P:b\nV:1\n")))).Should().Throw<InvalidDataException>().WithMessage("*not one APKINDEX*");

    [Fact]
    public void Takes_no_memory_for_what_is_said_to_be_there_and_is_not()
    {
        var index = Unpacked(Packed(("APKINDEX", "P:a\nV:1\n")));
        "1000000000\0"u8.CopyTo(index.AsSpan(124)); // 128 MiB
        index.AsSpan(148, 8).Fill((byte)' ');
        Encoding.ASCII.GetBytes($"{Convert.ToString(index.Take(512).Sum(value => value), 8).PadLeft(6, '0')}\0 ").CopyTo(index, 148);

        Hostile.Allocated<InvalidDataException>(() => Read(Packed(index)).Packages.Should().BeEmpty("it is cut short")).Should().BeLessThan(1_000_000);
    }

    [Fact]
    public void Reads_very_many_small_packages_in_memory_for_them()
    {
        const int count = 50_000;
        var file = Packed(("APKINDEX", string.Concat(Enumerable.Repeat("P:a\nV:1\n\n", count))));

        Hostile.Allocated<InvalidDataException>(() => Read(file).Packages.Should().HaveCount(count)).Should().BeLessThan(16_000_000);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(400)]
    public void Refuses_what_unpacks_to_more_than_its_limit(int limit) =>
        FluentActions.Invoking(() => ApkV2Index.Read(new MemoryStream(ApkSamples.IndexV2), new() { Content = limit })).Should().Throw<InvalidDataException>().WithMessage("*more than*");

    [Fact]
    public void Never_fails_in_another_way()
    {
        var limits = new ApkV2Limits { Content = 1 << 20 };
        void ReadPackage(byte[] file) => new ApkV2Reader(limits).Read(new MemoryStream(file));
        void ReadIndex(byte[] file) => _ = ApkV2Index.Read(new MemoryStream(file), limits).Packages.Select(package => package.Name).ToArray();

        foreach (var (valid, read) in new (byte[], Action<byte[]>)[] { (ApkSamples.HelloV2, ReadPackage), (ApkSamples.IndexV2, ReadIndex) })
        {
            Hostile.SampleMutations<InvalidDataException>(valid, read, iter: 1000);
            Hostile.SampleNoise<InvalidDataException>(valid, read, iter: 1000);
        }
    }

    private static ApkV2Index Read(byte[] file) => ApkV2Index.Read(new MemoryStream(file), ApkV2Limits.Default);

    private static ApkSecretKey SecretKey()
    {
        using var rsa = RSA.Create(2048);
        return ApkSecretKey.Parse(rsa.ExportPkcs8PrivateKeyPem());
    }

    private static byte[] Packed(params (string Name, string Content)[] files) =>
        Packed(new TarArchive(DateTimeOffset.UnixEpoch).WritePlain([.. files.Select(file => new PackagedFile(file.Name, Encoding.UTF8.GetBytes(file.Content)))]));

    private static byte[] Packed(byte[] tar) => GzipWriter.Compress(tar);

    private static byte[] Unpacked(byte[] file)
    {
        using var content = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(file), CompressionMode.Decompress);
        gzip.CopyTo(content);
        return content.ToArray();
    }
}
