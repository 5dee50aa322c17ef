using System.Text;
using Parceler.Entitlements;

namespace Parceler.Tests.Entitlements;

public class CredentialsTests
{
    [Theory]
    [InlineData("M-1:s3cret", "M-1", "s3cret")]
    [InlineData("M-1:", "M-1", "")]
    [InlineData("M-1:with:colons", "M-1", "with:colons")]
    [InlineData("Ünit:ß", "Ünit", "ß")]
    public void Takes_a_header_apart(string text, string id, string secret)
    {
        var credentials = Credentials.Parse("bAsIc  " + Base64(text));

        credentials!.Id.ToString().Should().Be(id);
        credentials.Secret.Should().Be(secret);
    }

    [Theory]
    [InlineData("no colon")]
    [InlineData(":secret")]
    [InlineData("M\n1:secret")]
    [InlineData("M-1:sec\r\nret")]
    [InlineData("M-1:sec\0ret")]
    [InlineData("M-1\u007f:secret")]
    [InlineData("M\u202e1:secret")] // turns the direction of what a log shows after it
    public void Refuses_what_is_no_id_and_secret(string text)
    {
        Credentials.Parse("Basic " + Base64(text)).Should().BeNull();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Basic")]
    [InlineData("Basic ")]
    [InlineData("Basic !!!!")]
    [InlineData("Basic TS0xOnM")]
    [InlineData("Bearer TS0xOnMz")]
    [InlineData("Basic /zpz")] // bytes that are no UTF-8
    public void Refuses_a_malformed_header(string? header)
    {
        Credentials.Parse(header).Should().BeNull();
    }

    [Fact]
    public void Refuses_a_header_over_one_kB()
    {
        Credentials.Parse("Basic " + Base64("M-1:" + new string('x', 800))).Should().BeNull();
        Credentials.Parse("Basic " + Base64("M-1:" + new string('x', 700))).Should().NotBeNull();
    }

    [Fact]
    public void Never_prints_the_secret()
    {
        var credentials = Credentials.Of("M-1", "s3cret");

        credentials.ToString().Should().Be("M-1");
    }

    [Theory]
    [InlineData("enterprise", true)]
    [InlineData("a-b_9", true)]
    [InlineData("Enterprise", false)]
    [InlineData("", false)]
    [InlineData("a/b", false)]
    [InlineData("0123456789012345678901234567890123", false)]
    public void A_tier_has_a_plain_name(string text, bool isName)
    {
        TierName.TryParse(text, null, out _).Should().Be(isName);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
