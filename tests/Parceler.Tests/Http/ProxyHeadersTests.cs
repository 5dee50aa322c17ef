using Parceler.Tests.Support;

namespace Parceler.Tests.Http;

/// <summary>Whose address the log shows: the client's behind trusted proxies, and never one that a client made up.</summary>
public sealed class ProxyHeadersTests
{
    [Theory]
    [InlineData(null, "203.0.113.9", "127.0.0.1")]
    [InlineData("10.0.0.0/8", "203.0.113.9", "127.0.0.1")]
    [InlineData("127.0.0.1", null, "127.0.0.1")]
    [InlineData("127.0.0.1", "203.0.113.9", "203.0.113.9")]
    [InlineData("127.0.0.1", "2001:db8::9", "2001:db8::9")]
    [InlineData("127.0.0.1", "[2001:db8::9]:4711", "2001:db8::9")]
    [InlineData("::ffff:127.0.0.0/104", "203.0.113.9:4711", "203.0.113.9")]
    [InlineData("127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9")]
    [InlineData("127.0.0.1, 10.0.0.0/8, fd00::/8", "198.51.100.1, 203.0.113.9, fd00::1, 10.1.2.3", "203.0.113.9")]
    [InlineData("127.0.0.1, 10.0.0.0/8", "127.0.0.1, 203.0.113.9, 10.1.2.3", "203.0.113.9")]
    [InlineData("127.0.0.1, 10.0.0.0/8", "10.9.9.9, 10.1.2.3", "10.9.9.9")]
    [InlineData("127.0.0.1", "203.0.113.9, unknown", "127.0.0.1")]
    [InlineData("127.0.0.1, 10.0.0.0/8", "203.0.113.9, <script>, 10.1.2.3", "10.1.2.3")]
    [InlineData("127.0.0.1", "", "127.0.0.1")]
    public async Task The_client_is_the_right_most_address_that_is_no_trusted_proxy(string? trusted, string? forwarded, string client)
    {
        await using var parceler = await TestParceler.StartAsync(new() { ["TRUSTED_PROXIES"] = trusted, ["DELIVERY_LOG"] = "on" });
        (string, string)[] headers = forwarded is null ? [] : [("X-Forwarded-For", forwarded)];

        (await RawRequest.SendAsync(parceler.Address, "GET", "/repository/enterprise/x/y", headers)).ShouldBeEmpty(401);

        AddressesIn(parceler).Should().Equal(client);
    }

    [Fact]
    public async Task A_header_that_came_twice_is_read_as_one_list()
    {
        await using var parceler = await TestParceler.StartAsync(new() { ["TRUSTED_PROXIES"] = "127.0.0.1", ["DELIVERY_LOG"] = "on" });

        await RawRequest.SendAsync(parceler.Address, "GET", "/repository/enterprise/x/y", ("X-Forwarded-For", "198.51.100.1"), ("X-Forwarded-For", "203.0.113.9"), ("Forwarded", "for=192.0.2.1"));

        AddressesIn(parceler).Should().Equal("203.0.113.9");
    }

    [Theory]
    [InlineData(null, "https", false)]
    [InlineData("127.0.0.1", "https", true)]
    [InlineData("127.0.0.1", "http", false)]
    public async Task A_cookie_is_for_https_alone_when_the_client_speaks_it_with_the_proxy(string? trusted, string proto, bool secure)
    {
        await using var parceler = await TestParceler.StartAsync(new() { ["TRUSTED_PROXIES"] = trusted });
        await parceler.Get<Parceler.Delivery.MaintenanceMode>().BeginAsync(new(60, "let-me-in", null, null, parceler.Clock.GetUtcNow()), TestContext.Current.CancellationToken);

        var answer = await RawRequest.SendAsync(parceler.Address, "GET", "/let-me-in", ("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", proto));

        answer.Status.Should().Be(302);
        answer["Set-Cookie"]!.Contains("secure", StringComparison.Ordinal).Should().Be(secure);
    }

    private static IEnumerable<string> AddressesIn(TestParceler parceler) =>
        parceler.Log.Lines.Where(line => line.Contains(" GET /repository/", StringComparison.Ordinal)).Select(line => line["Information: ".Length..].Split(' ')[0]);
}
