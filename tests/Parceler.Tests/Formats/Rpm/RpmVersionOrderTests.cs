using System.Globalization;
using CsCheck;
using Parceler.Formats.Rpm;

namespace Parceler.Tests.Formats.Rpm;

public class RpmVersionOrderTests
{
    [Theory]
    [InlineData("1.0", '<', "1.0-r1")]
    [InlineData("1.0~rc1", '<', "1.0")]
    [InlineData("1.0_rc1", '>', "1.0")]
    [InlineData("1.0-1", '>', "1.0-r1")]
    [InlineData("1.01", '=', "1.1")]
    [InlineData("1.0+git1", '>', "1.0")]
    [InlineData("v1.2", '<', "1.2")]
    [InlineData("1.0-r10", '>', "1.0-r9")]
    [InlineData("1.0a", '>', "1.0")]
    [InlineData("1.0^", '>', "1.0")]
    [InlineData("1.0^20240101", '<', "1.0.1")]
    [InlineData("1.0^git1", '>', "1.0^")]
    [InlineData("1.0~rc1^git1", '>', "1.0~rc1")]
    [InlineData("1.0^git1~pre", '<', "1.0^git1")]
    [InlineData("2_0", '=', "2.0")]
    [InlineData("a+", '=', "a")]
    [InlineData("20240101000000000000000000001", '>', "20240101000000000000000000000")]
    [InlineData("", '=', "+")]
    [InlineData(null, '<', "0")]
    public void Orders_like_rpm(string? a, char order, string? b)
    {
        Symbol(RpmVersionOrder.Instance.Compare(a, b)).Should().Be(order);
        Symbol(-RpmVersionOrder.Instance.Compare(b, a)).Should().Be(order);
    }

    [Fact]
    public void Agrees_with_rpm_on_any_versions()
    {
        var version = Text("0", "1", "01", "10", "9", "a", "b", "rc", "fc38", "~", "^", "+", ".", "_", "git", "Z");

        Gen.Select(version, version).Array[200].Sample(pairs => AgreesWithRpm(pairs, RpmVersionOrder.Instance.Compare), iter: 20, threads: 1);
    }

    [Fact]
    public void Agrees_with_rpm_on_epochs_and_releases()
    {
        var text = Text("1", "2", "10", ".", "~", "a");
        var evr = Gen.Select(OneOf("", "0:", "1:", "10:"), text, Gen.OneOf(Gen.Const(""), text.Select(release => $"-{release}")), (epoch, version, release) => epoch + version + release);

        Gen.Select(evr, evr).Array[200].Sample(pairs => AgreesWithRpm(pairs, CompareEvr), iter: 20, threads: 1);
    }

    [Fact]
    public void Is_an_order_among_the_versions_that_packages_have()
    {
        var version = Gen.String[Gen.Char["0129az~^+."], 0, 8].Select(text => $"1{text}");

        Gen.Select(version, version).Sample((a, b) => Math.Sign(Compare(a, b)) == -Math.Sign(Compare(b, a)));
    }

    [Theory]
    [InlineData("1:1.0-1", '>', "2.0-1")]
    [InlineData("0:1.0-1", '=', "1.0-1")]
    [InlineData("1.0-1.fc38", '<', "1.0-2.fc38")]
    [InlineData("1.0", '<', "1.0-7")]
    [InlineData("1.0-2", '<', "1.0-1-1")] // the last '-' parts
    public void Orders_epoch_version_and_release(string a, char order, string b) =>
        Symbol(CompareEvr(a, b)).Should().Be(order);

    [Theory]
    [InlineData("3:1.0-1.fc38")]
    [InlineData("1.0-1")]
    [InlineData("1.0")]
    [InlineData("a:1")]
    [InlineData("")]
    public void Writes_the_text_that_it_read(string text) => RpmEvr.Parse(text).ToString().Should().Be(text);

    // rpm's own comparison, many pairs at once: it takes them as epoch:version-release
    private static void AgreesWithRpm((string A, string B)[] pairs, Func<string, string, int> compare)
    {
        var calls = string.Concat(pairs.Select(pair => $"print(rpm.vercmp('{pair.A}','{pair.B}')..';') "));

        var answers = RealProgram.Run("rpm", "--eval", $"%{{lua:{calls}}}").Output.Split(';', StringSplitOptions.TrimEntries);

        var wrong = pairs.Zip(answers).Where(pair => Math.Sign(compare(pair.First.A, pair.First.B)).ToString(CultureInfo.InvariantCulture) != pair.Second);
        answers.Should().HaveCount(pairs.Length + 1);
        wrong.Should().BeEmpty();
    }

    private static Gen<string> Text(params string[] parts) => OneOf(parts).Array[1, 6].Select(string.Concat);

    private static int CompareEvr(string a, string b) => RpmVersionOrder.Instance.Compare(RpmEvr.Parse(a), RpmEvr.Parse(b));

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(at => texts[at]);

    private static int Compare(string a, string b) => RpmVersionOrder.Instance.Compare(a, b);

    private static char Symbol(int order) => Math.Sign(order) switch { < 0 => '<', 0 => '=', _ => '>' };
}
