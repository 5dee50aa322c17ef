using Parceler.Formats.Opkg;
using Parceler.Formats.Signing;
using Parceler.Samples;
using Parceler.Tests.Support;

namespace Parceler.Tests.Formats;

/// <summary>The committed samples/feed is what MakeSampleFeed makes, and genuine under the committed key.</summary>
public class SampleFeedTests
{
    private static readonly string Samples = SampleFolder.Path;
    private static readonly string Feed = Path.Combine(Samples, "feed");

    [Fact]
    public void Is_what_is_made_anew()
    {
        using var folder = new TempFolder();
        new SampleFeed(UsignSecretKey.Parse(File.ReadAllText(Path.Combine(Samples, "feed-key.sec")))).Write(folder.Path);

        FilesBelow(Feed).Should().Equal(FilesBelow(folder.Path));
        FilesBelow(Feed).Should().AllSatisfy(path => File.ReadAllBytes(Path.Combine(Feed, path)).Should().Equal(File.ReadAllBytes(folder[path]), path));
    }

    [Theory]
    [InlineData("base")]
    [InlineData("nethsecurity")]
    public void Is_signed_by_the_sample_key(string feed)
    {
        var folder = Path.Combine(Feed, "23.05.5/packages/x86_64", feed);

        RealProgram.Run("signify-openbsd", "-V", "-p", Path.Combine(Samples, "feed-key.pub"), "-x", Path.Combine(folder, "Packages.sig"), "-m", Path.Combine(folder, "Packages"))
            .Should().Be((0, "Signature Verified\n"));
    }

    [Fact]
    public void Has_the_packages_that_its_indexes_name()
    {
        var feeds = Path.Combine(Feed, "23.05.5/packages/x86_64");
        var named = new[] { "base", "nethsecurity" }.SelectMany(feed =>
            OpkgStanzas.Parse(File.ReadAllText(Path.Combine(feeds, feed, "Packages"))).Select(stanza => (Path: $"{feed}/{stanza.Filename}", stanza.Size)));

        named.Should().HaveCount(6);
        named.Should().AllSatisfy(file => new FileInfo(Path.Combine(feeds, file.Path)).Length.Should().Be(file.Size));
        RealProgram.Run("sh", "-c", $"cd '{feeds}' && sha256sum -c --strict --quiet sha256sums").Should().Be((0, ""));
    }

    [Fact]
    public void Stays_small() => FilesBelow(Feed).Sum(path => new FileInfo(Path.Combine(Feed, path)).Length).Should().BeLessThan(60_000);

    private static string[] FilesBelow(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal)];
}
