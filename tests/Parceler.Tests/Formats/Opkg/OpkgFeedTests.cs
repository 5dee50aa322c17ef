using Parceler.Formats.Opkg;
using Parceler.Formats.Signing;
using Parceler.Tests.Support;

namespace Parceler.Tests.Formats.Opkg;

public class OpkgFeedTests
{
    private const string Hello = "Package: parceler-hello\nVersion: 1.0+git1-r1\nSource: feeds/hello\nSourceName: hello\nMaintainer: A\nArchitecture: x86_64\nDescription:  Says hello\n";
    private static readonly UsignSecretKey Key = UsignSecretKey.Generate();

    [Fact]
    public void Lists_each_package_with_its_file_before_the_description()
    {
        using var folder = new TempFolder();
        var size = Add(folder, Hello);
        Index(folder);

        var sum = RealProgram.Run("sha256sum", folder["parceler-hello_1.0+git1-r1_x86_64.ipk"]).Output.Split(' ')[0];
        File.ReadAllText(folder["Packages"]).Should().MatchRegex(
            "^Package: parceler-hello\nVersion: 1.0\\+git1-r1\nArchitecture: x86_64\nInstalled-Size: [0-9]+\n"
            + "Filename: parceler-hello_1.0\\+git1-r1_x86_64.ipk\n"
            + $"Size: {size}\nSHA256sum: {sum}\nDescription:  Says hello\n\n$");
    }

    [Fact]
    public void Keeps_in_the_manifest_what_Packages_leaves_out()
    {
        using var folder = new TempFolder();
        Add(folder, Hello);
        Index(folder);

        File.ReadAllText(folder["Packages.manifest"]).Should().ContainAll("Source: feeds/hello\n", "SourceName: hello\n", "Maintainer: A\n", "SHA256sum: ");
        File.ReadAllText(folder["Packages"]).Should().NotContainAny("Source", "Maintainer");
    }

    [Fact]
    public void Leaves_kernel_and_libc_out_and_lists_the_others_by_path()
    {
        using var folder = new TempFolder();
        foreach (var name in new[] { "zebra", "kernel", "libc", "libc-extra", "alpha" })
        {
            Add(folder, $"Package: {name}\nVersion: 1\nArchitecture: all\n");
        }

        Add(folder, "Package: below\nVersion: 1\nArchitecture: all\n", "sub/");
        Index(folder);

        OpkgStanzas.Parse(File.ReadAllText(folder["Packages"])).Select(stanza => stanza.Filename)
            .Should().Equal("alpha_1_all.ipk", "libc-extra_1_all.ipk", "sub/below_1_all.ipk", "zebra_1_all.ipk");
    }

    [Fact]
    public void Signs_the_unpacked_Packages_as_signify_and_gzip_find()
    {
        using var folder = new TempFolder();
        Add(folder, Hello);
        Index(folder);
        folder.Write("key.pub", Key.PublicKey.ToText());

        RealProgram.Run("gzip", "-dc", folder["Packages.gz"]).Should().Be((0, File.ReadAllText(folder["Packages"])));
        RealProgram.Run("signify-openbsd", "-V", "-p", folder["key.pub"], "-x", folder["Packages.sig"], "-m", folder["Packages"]).ExitCode.Should().Be(0);
    }

    [Fact]
    public void Is_never_of_a_length_that_an_old_usign_hashes_wrongly()
    {
        var padded = 0;
        for (var length = 0; length < 128; length++)
        {
            var stanza = OpkgStanzas.Parse($"Package: a\nVersion: 1\nDescription: {new string('x', length)}\n").Single();
            var packages = OpkgIndex.Of([stanza], "all", Key).Files["Packages"];

            ((64 + packages.Length) % 128).Should().NotBe(110).And.NotBe(111);
            padded += packages.AsSpan().EndsWith("\n\n\n\n"u8) ? 1 : 0;
        }

        padded.Should().Be(2);
    }

    [Fact]
    public void Sums_names_and_versions_up_in_index_json()
    {
        var stanzas = OpkgStanzas.Parse(
            "Package: libgreet2\nVersion: 1.0~rc1+x-r1\nABIVersion: 2\n\nPackage: b\nVersion: 1\n\nPackage: libgreet2\nVersion: 3\nABIVersion: 2\n\nPackage: c\nVersion: 1+2\n");

        var json = OpkgIndex.Of([.. stanzas], "x86_64", Key).Files["index.json"];

        System.Text.Encoding.UTF8.GetString(json).Should().Be(
            """{"version":2,"architecture":"x86_64","packages":{"libgreet":"3","b":"1","c":"1+2"}}""" + "\n");
    }

    [Fact]
    public void Makes_a_feed_of_no_package_an_empty_index()
    {
        using var folder = new TempFolder();
        Index(folder);

        File.ReadAllBytes(folder["Packages"]).Should().BeEmpty();
        RealProgram.Run("gzip", "-dc", folder["Packages.gz"]).Should().Be((0, ""));
        OpkgStanzas.ReadGzip(File.OpenRead(folder["Packages.gz"]), 0).Should().BeEmpty();
    }

    [Fact]
    public void Writes_sums_that_sha256sum_checks()
    {
        using var folder = new TempFolder();
        folder.Write("b/Packages", "b");
        folder.Write("a+1.ipk", "a");
        Sha256Sums.Write(folder.Path);
        Sha256Sums.Write(folder.Path); // not of itself

        File.ReadAllLines(folder["sha256sums"]).Select(line => line[64..]).Should().Equal(" *a+1.ipk", " *b/Packages");
        RealProgram.Run("sh", "-c", $"cd '{folder.Path}' && sha256sum -c --strict --quiet sha256sums").Should().Be((0, ""));
    }

    private static void Index(TempFolder folder) => new OpkgFeed(folder.Path, "x86_64").WriteIndex(Key);

    private static int Add(TempFolder folder, string control, string below = "")
    {
        var package = new IpkContent(OpkgStanzas.Parse(control).Single(), []);
        var ipk = new IpkWriter(DateTimeOffset.UnixEpoch).Write(package);
        Directory.CreateDirectory(folder[below]);
        File.WriteAllBytes(folder[below + package.FileName], ipk);
        return ipk.Length;
    }
}
