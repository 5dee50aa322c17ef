using System.Text;
using Parceler.Netify;

namespace Parceler.Tests.Netify;

public sealed class LicenceRuleTests
{
    private static readonly DateTimeOffset s_now = DateTimeOffset.Parse("2026-09-10T13:00:00Z", null);

    [Theory]
    [InlineData("2026-09-17T00:00:00Z", "Keep")]
    [InlineData("2026-09-14T00:00:00Z", "Keep")]
    [InlineData("2026-09-13T23:59:59Z", "Renew")]
    [InlineData("2026-09-13T00:00:00Z", "Renew")]
    [InlineData("2026-09-01T00:00:00Z", "Renew")]
    [InlineData(null, "Create")]
    public void A_licence_is_renewed_from_three_days_before_its_end(string? ends, string step) =>
        LicenceRule.Next(ends is null ? null : Licence(ends), s_now).ToString().Should().Be(step);

    [Fact]
    public void A_licence_that_lacks_an_entitlement_is_made_anew() =>
        LicenceRule.Next(Licence("2026-09-17T00:00:00Z", "netify-sink-sqlite"), s_now).Should().Be(LicenceStep.Recreate);

    [Fact]
    public void A_renewed_one_ends_six_days_from_today() => LicenceRule.RenewedUntil(s_now).Should().Be(DateTimeOffset.Parse("2026-09-16T00:00:00Z", null));

    [Fact]
    public void Of_several_with_the_label_the_one_that_holds_longest_counts()
    {
        var (short_, long_, lacking) = (Licence("2026-09-12T00:00:00Z"), Licence("2026-09-15T00:00:00Z"), Licence("2026-09-20T00:00:00Z", "netify-sink-sqlite"));

        LicenceRule.Of("label", [short_, lacking, long_, long_ with { Label = "another" }]).Should().Be(long_);
    }

    [Theory]
    [InlineData("{\"data\":[1]}", "[1]")]
    [InlineData(" {\"a\":{\"data\":[2]},\"data\" : {\"data\":[3] }, \"b\":1} ", "{\"data\":[3] }")]
    [InlineData("{\"d\\u0061ta\":[\"\\u00e9\"]}", "[\"\\u00e9\"]")]
    public void The_inner_value_is_taken_as_it_came(string answer, string data) =>
        Encoding.UTF8.GetString(NetifyEnvelope.Open(Encoding.UTF8.GetBytes(answer)).Span).Should().Be(data);

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"data\":null}")]
    [InlineData("{\"data\":\"text\"}")]
    [InlineData("{\"data\":[1]")]
    [InlineData("{\"data\":[1]} {}")]
    [InlineData("{\"data\":[1]}x")]
    [InlineData("<html>down</html>")]
    public void What_is_no_envelope_is_refused(string answer)
    {
        var open = () => NetifyEnvelope.Open(Encoding.UTF8.GetBytes(answer));

        open.Should().Throw<NetifyException>();
    }

    private static NetifyLicence Licence(string ends, params string[] without)
    {
        var entitlements = string.Join(",", NetifyLicence.Entitlements.Except(without).Select(name => $"\"{name}\":null"));
        var unix = DateTimeOffset.Parse(ends, null).ToUnixTimeSeconds();
        return NetifyLicence.Parse(Encoding.UTF8.GetBytes($$"""{"issued_to":"label","serial":"S1","expire_at":{"unix":{{unix}}},{{entitlements}}}"""));
    }
}
