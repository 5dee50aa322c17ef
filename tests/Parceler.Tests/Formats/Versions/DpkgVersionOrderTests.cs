using CsCheck;
using Parceler.Formats.Versions;

namespace Parceler.Tests.Formats.Versions;

public class DpkgVersionOrderTests
{
    [Theory]
    [InlineData("1.0", '<', "1.0-r1")]
    [InlineData("1.0~rc1", '<', "1.0")]
    [InlineData("1.0_rc1", '>', "1.0")]
    [InlineData("1.0-1", '<', "1.0-r1")]
    [InlineData("1.01", '=', "1.1")]
    [InlineData("2:0.9", '>', "1.0")]
    [InlineData("0:1.0", '=', "1.0")]
    [InlineData("1.0+git1", '>', "1.0")]
    [InlineData("v1.2", '>', "1.2")]
    [InlineData("1.0-r10", '>', "1.0-r9")]
    [InlineData("1.0a", '>', "1.0")]
    [InlineData("1.0~~", '<', "1.0~")]
    [InlineData("1.0-1-2", '>', "1.0-1-1")]
    [InlineData("20240101000000000000000000001", '>', "20240101000000000000000000000")]
    [InlineData("", '<', "0a")]
    [InlineData(null, '=', "0")]
    public void Orders_like_dpkg_and_opkg(string? a, char order, string? b)
    {
        Symbol(DpkgVersionOrder.Instance.Compare(a, b)).Should().Be(order);
        Symbol(-DpkgVersionOrder.Instance.Compare(b, a)).Should().Be(order);
    }

    [Fact]
    public void Agrees_with_dpkg_on_any_versions()
    {
        var part = OneOf("0", "1", "01", "10", "9", "a", "rc", "r1", "~", "+", ".", "_", "-", "git");
        var version = Gen.Select(OneOf("", "0:", "1:", "01:"), part.Array[0, 5], (epoch, parts) => $"{epoch}1{string.Concat(parts)}".TrimEnd('-')); // dpkg takes no empty revision

        Gen.Select(version, version).Sample(AgreesWithDpkg, iter: 150, threads: 1);
    }

    [Fact]
    public void Is_an_order()
    {
        var version = Gen.String[Gen.Char["0129az~+.-:"], 0, 8];

        Gen.Select(version, version, version).Sample((a, b, c) =>
            Math.Sign(Compare(a, b)) == -Math.Sign(Compare(b, a)) && (Compare(a, b) > 0 || Compare(b, c) > 0 || Compare(a, c) <= 0));
    }

    private static bool AgreesWithDpkg(string a, string b)
    {
        var relation = Symbol(Compare(a, b)) switch { '<' => "lt", '>' => "gt", _ => "eq" };
        return RealProgram.Run("dpkg", "--compare-versions", a, relation, b).ExitCode == 0;
    }

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(at => texts[at]);

    private static int Compare(string a, string b) => DpkgVersionOrder.Instance.Compare(a, b);

    private static char Symbol(int order) => Math.Sign(order) switch { < 0 => '<', 0 => '=', _ => '>' };
}
