using Parceler.Entitlements;
using Parceler.Tests.Support;

namespace Parceler.Tests.Entitlements;

public class AuthorityAnswerTests
{
    [Theory]
    [InlineData(200, "Allowed")]
    [InlineData(204, "Allowed")]
    [InlineData(401, "Denied")]
    [InlineData(403, "Denied")]
    [InlineData(404, "Unknown")]
    [InlineData(400, "Unknown")]
    [InlineData(429, "Unknown")]
    [InlineData(500, "Unknown")]
    [InlineData(503, "Unknown")]
    [InlineData(304, "Unknown")]
    public async Task Takes_the_status_of_a_basic_authority_for_what_it_is(int status, string verdict)
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Answer("M-1", "s3cret", new(status));

        var decided = await entitled.DecideAsync("enterprise", "M-1", "s3cret");

        decided.GetType().Name.Should().Be(verdict);
    }

    [Theory]
    [InlineData(201, "Unknown")]
    [InlineData(401, "Denied")]
    [InlineData(403, "Denied")]
    [InlineData(404, "Denied")]
    [InlineData(429, "Unknown")]
    [InlineData(500, "Unknown")]
    public async Task Takes_the_status_of_a_token_authority_for_what_it_is(int status, string verdict)
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Answer("t0ken", FakeLicenceServer.Subscription("\"2030-01-01\"") with { Status = status });

        var decided = await entitled.DecideAsync("community", "M-1", "t0ken");

        decided.GetType().Name.Should().Be(verdict);
    }

    // The clock of these tests stands at 2026-09-01T00:00:00Z.
    [Theory]
    [InlineData("\"2026-09-01\"", "Allowed")] // a day counts to its end
    [InlineData("\"2026-08-31\"", "Denied")]
    [InlineData("\"2026-09-01T00:00:01Z\"", "Allowed")]
    [InlineData("\"2026-09-01T00:00:00Z\"", "Denied")]
    [InlineData("\"2026-09-01T01:00:00.000000+02:00\"", "Denied")]
    [InlineData("\"2026-09-01 00:30:00\"", "Allowed")]
    [InlineData("\"9999-12-31\"", "Allowed")]
    [InlineData("1788220801", "Allowed")] // one second from now
    [InlineData("1788220800", "Denied")]
    [InlineData("1788220801000", "Allowed")]
    [InlineData("\"1788220801\"", "Allowed")]
    [InlineData("1e300", "Allowed")]
    [InlineData("\"09/10/2026\"", "Unknown")] // which month?
    [InlineData("\"soon\"", "Unknown")]
    [InlineData("null", "Unknown")]
    [InlineData("true", "Unknown")]
    [InlineData("-5", "Unknown")]
    public async Task Reads_the_end_of_a_subscription_in_the_forms_it_may_have(string validUntil, string verdict)
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Answer("t0ken", FakeLicenceServer.Subscription(validUntil));

        var decided = await entitled.DecideAsync("community", "M-1", "t0ken");

        decided.GetType().Name.Should().Be(verdict);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>Welcome</html>")]
    [InlineData("[]")]
    [InlineData("{\"subscription\":null}")]
    [InlineData("{\"subscription\":\"valid_until\"}")]
    [InlineData("{\"valid_until\":\"2030-01-01\"}")]
    [InlineData("{\"subscription\":{\"valid_until\":\"2030-01-01\"}")]
    public async Task Takes_a_body_that_it_does_not_understand_for_no_answer(string body)
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Answer("t0ken", new(200, body));

        var decided = await entitled.DecideAsync("community", "M-1", "t0ken");

        decided.Should().BeOfType<Verdict.Unknown>();
    }

    [Fact]
    public async Task Takes_an_endless_body_for_no_answer()
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Answer("t0ken", new(200, "{\"subscription\":{\"valid_until\":\"2030-01-01\"}}" + new string(' ', 80_000)));

        var decided = await entitled.DecideAsync("community", "M-1", "t0ken");

        decided.Should().BeOfType<Verdict.Unknown>();
    }

    [Theory]
    [InlineData("enterprise", 301)]
    [InlineData("enterprise", 302)]
    [InlineData("community", 302)]
    [InlineData("enterprise", 307)]
    public async Task A_redirect_to_a_login_page_is_no_allowance(string tier, int status)
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Everybody = new(status) { Location = "/login" };

        var decided = await entitled.DecideAsync(tier, "M-1", "t0ken");

        decided.Should().BeOfType<Verdict.Unknown>();
        entitled.Server.Calls.Should().HaveCount(1);
    }

    [Fact]
    public async Task Tries_again_when_an_answer_was_lost()
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Answer("M-1", "s3cret", new(502));

        await entitled.DecideAsync("enterprise", "M-1", "s3cret");

        entitled.Server.CallsOf("M-1", "s3cret").Should().Be(3);
    }

    [Fact]
    public async Task Nobody_listening_is_no_answer()
    {
        await using var entitled = await Entitled.StartAsync(options =>
            options with
            {
                Tiers = [Tier.Enterprise(new("http://127.0.0.1:1/auth"))],
            }
        );

        var decided = await entitled.DecideAsync("enterprise", "M-1", "s3cret");

        decided.Should().BeOfType<Verdict.Unknown>();
    }

    [Fact]
    public async Task An_authority_that_hangs_is_given_up()
    {
        await using var entitled = await Entitled.StartAsync(options =>
            options with
            {
                Limits = new() { Try = TimeSpan.FromMilliseconds(50), Whole = TimeSpan.FromMilliseconds(200) },
            }
        );
        entitled.Server.Everybody = new(200) { Hangs = true };

        var decided = await entitled.DecideAsync("enterprise", "M-1", "s3cret");

        decided.Should().BeOfType<Verdict.Unknown>();
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData(" t0ken")]
    [InlineData("t0kén")]
    public async Task A_secret_that_is_no_token_is_denied_without_a_call(string secret)
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Everybody = FakeLicenceServer.Subscription("\"2030-01-01\"");

        var decided = await entitled.DecideAsync("community", "M-1", secret);

        decided.Should().BeOfType<Verdict.Denied>();
        entitled.Server.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task A_basic_authority_gets_the_credentials_as_they_are()
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Allow("Ünit 7", "p:ä ß");

        var decided = await entitled.DecideAsync("enterprise", "Ünit 7", "p:ä ß");

        decided.Should().BeOfType<Verdict.Allowed>();
    }
}
