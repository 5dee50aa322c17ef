using Parceler.Tests.Delivery;
using Parceler.Tests.Support;

namespace Parceler.Tests.Http;

/// <summary>The few addresses besides downloads, and what no answer ever tells.</summary>
public sealed class WebAppTests(DeliveredRepository delivered) : IClassFixture<DeliveredRepository>
{
    [Fact]
    public async Task The_start_page_says_what_this_is_and_where_to_go_on()
    {
        var page = await SendAsync("GET", "/");

        page.Status.Should().Be(200);
        page["Content-Type"].Should().Be("text/html; charset=utf-8");
        page.Text.Should().Contain("/repository/TIER/NAME/").And.NotContain("<script");
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/up")]
    public async Task Whoever_asks_for_the_head_alone_gets_it(string target)
    {
        var head = await SendAsync("HEAD", target);

        head.Status.Should().Be(200);
        head.Body.Should().BeEmpty();
    }

    [Theory]
    [InlineData("GET", "/elsewhere", 404)]
    [InlineData("GET", "/index.php", 404)]
    [InlineData("GET", "/..%2f..%2fetc/passwd", 404)]
    [InlineData("GET", "/repository", 404)]
    [InlineData("POST", "/repository/enterprise/netsec/hello.txt", 404)]
    [InlineData("GET", "/repository/netsec/release", 401)]
    [InlineData("POST", "/", 405)]
    [InlineData("PUT", "/repository/enterprise/netsec/hello.txt", 405)]
    [InlineData("DELETE", "/repositories/enterprise/netsec/hello.txt", 405)]
    [InlineData("OPTIONS", "/repository/enterprise/netsec/hello.txt", 405)]
    [InlineData("GET", "/%zz%", 404)]
    [InlineData("BAD METHOD", "/", 400)]
    public async Task What_is_not_there_is_refused_without_words(string method, string target, int status) => (await SendAsync(method, target)).ShouldBeEmpty(status);

    [Fact]
    public async Task Too_much_of_a_request_is_refused_without_words()
    {
        (await SendAsync("GET", "/" + new string('a', 20_000))).ShouldBeEmpty(414);
        (await SendAsync("GET", "/", ("X-Long", new string('a', 20_000)))).ShouldBeEmpty(431);
    }

    private Task<RawAnswer> SendAsync(string method, string target, params (string Name, string Value)[] headers) =>
        RawRequest.SendAsync(delivered.Parceler.Address, method, target, headers);
}
