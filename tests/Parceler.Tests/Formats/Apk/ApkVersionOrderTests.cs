using CsCheck;
using Parceler.Formats.Apk;

namespace Parceler.Tests.Formats.Apk;

public class ApkVersionOrderTests
{
    [Theory] // each as apk version -t of apk-tools 3.0.6 says
    [InlineData("1.0", '<', "1.0-r1")]
    [InlineData("1.0_rc1", '<', "1.0")]
    [InlineData("1.01", '<', "1.1")]
    [InlineData("1.0-r10", '>', "1.0-r9")]
    [InlineData("1.0a", '>', "1.0")]
    [InlineData("1.0_p1", '>', "1.0")]
    [InlineData("1.0_alpha", '<', "1.0_beta")]
    [InlineData("1.0_pre2", '<', "1.0_rc1")]
    [InlineData("1.0_cvs", '<', "1.0_svn")]
    [InlineData("1.0_git20240101", '>', "1.0")]
    [InlineData("1.0_git20240101", '<', "1.0_hg1")]
    [InlineData("1.0_rc", '<', "1.0_rc1")]
    [InlineData("1.0_rc1_p1", '>', "1.0_rc1")]
    [InlineData("1.0_p1_rc1", '<', "1.0_p1")]
    [InlineData("1.0~abc", '>', "1.0")]
    [InlineData("1.0~abc", '<', "1.0~abd")]
    [InlineData("10", '>', "9")]
    [InlineData("01", '=', "1")]
    [InlineData("1.10", '>', "1.9")]
    [InlineData("1.10", '>', "1.09")]
    [InlineData("1.0.0", '>', "1.0")]
    [InlineData("1.0b", '<', "1.0.1")]
    public void Orders_like_apk(string a, char order, string b)
    {
        Symbol(ApkVersionOrder.Instance.Compare(a, b)).Should().Be(order);
        Symbol(-ApkVersionOrder.Instance.Compare(b, a)).Should().Be(order);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("1.2.3a_rc1_p2~0af-r0")]
    [InlineData("20240101")]
    public void Knows_a_version(string version) => ApkVersionOrder.IsValid(version).Should().BeTrue();

    [Theory]
    [InlineData("")]
    [InlineData("v1")]
    [InlineData("2:0.9")]
    [InlineData("1.0~rc1")] // r is no hexadecimal digit
    [InlineData("1.0+git1")]
    [InlineData("1.0-1")]
    [InlineData("1.")]
    [InlineData("1.0bc")]
    [InlineData("1.0_new")]
    [InlineData("1.0-r1-r2")]
    [InlineData("1.0~AB")]
    public void Knows_what_is_no_version(string version) => ApkVersionOrder.IsValid(version).Should().BeFalse();

    [Theory]
    [InlineData("3.12.1-r0", "3.12", true)]
    [InlineData("3.12.1-r0", "3.12.1", true)]
    [InlineData("3.12", "3.12.1", false)]
    [InlineData("3.120", "3.12", false)]
    public void Matches_a_version_by_its_beginning(string version, string prefix, bool expected) =>
        ApkVersionOrder.Matches(version, prefix).Should().Be(expected);

    [Fact]
    public void Agrees_with_apk_on_any_texts()
    {
        RealProgram.Require("apk");
        var part = OneOf("0", "1", "01", "10", "9", "a", "z", "_rc", "_p", "_git", "_alpha", "~", "~ab", ".", "-r", "-r1", "-", "+");
        var version = part.Array[0, 6].Select(parts => $"1{string.Concat(parts)}");

        Gen.Select(version, version).Sample(AgreesWithApk, iter: 300, threads: 1);
    }

    [Fact]
    public void Is_an_order_among_versions()
    {
        var part = OneOf("0", "1", "01", "10", ".2", ".02", "a", "_rc", "_p", "_alpha", "~ab", "-r1", "-r02");
        var version = part.Array[0, 5].Select(parts => $"1{string.Concat(parts)}").Where(ApkVersionOrder.IsValid);

        Gen.Select(version, version).Sample((a, b) => Compare(a, b) == -Compare(b, a));
    }

    // apk answers nothing if either is no version
    private static bool AgreesWithApk(string a, string b) =>
        RealProgram.Run("apk", "version", "-t", a, b).Output.Trim()
            == (ApkVersionOrder.IsValid(a) && ApkVersionOrder.IsValid(b) ? Symbol(Compare(a, b)).ToString() : "");

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(at => texts[at]);

    private static int Compare(string a, string b) => ApkVersionOrder.Instance.Compare(a, b);

    private static char Symbol(int order) => Math.Sign(order) switch { < 0 => '<', 0 => '=', _ => '>' };
}
