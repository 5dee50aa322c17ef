using Parceler.Storage;

namespace Parceler.Tests.Storage;

public class PackagePathTests
{
    [Theory]
    [InlineData("Packages.gz")]
    [InlineData("24.10.1/packages/x86_64/base/plus+plus_1.0~rc1-r1_x86_64.ipk")]
    [InlineData("...")]
    [InlineData("a/.hidden")]
    [InlineData("grüße/name with space")]
    public void Takes_paths_of_real_feeds(string text) => PackagePath.Parse(text).ToString().Should().Be(text);

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData("..")]
    [InlineData("a/../b")]
    [InlineData("./a")]
    [InlineData("a/.")]
    [InlineData("a\\b")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    public void Refuses_what_could_lead_elsewhere(string text) => PackagePath.TryParse(text, null, out _).Should().BeFalse();

    [Fact]
    public void Refuses_paths_without_end() => PackagePath.TryParse(new string('a', 4097), null, out _).Should().BeFalse();
}
