using Parceler.Tests.Delivery;
using Parceler.Tests.Support;

namespace Parceler.Tests.Http;

/// <summary>
/// Requests that a proxy in front may take for another number of requests than we do. What is ambiguous is refused and its
/// connection closed, so that nothing that follows is taken for a request.
/// </summary>
public sealed class SmugglingTests(DeliveredRepository delivered) : IClassFixture<DeliveredRepository>
{
    private const string Target = "/repository/enterprise/netsec/hello.txt";
    private static readonly string s_authorised = $"Host: x\r\nAuthorization: {RawRequest.Basic(TestParceler.Machine, TestParceler.Secret)}\r\n";
    private static readonly string s_hidden = $"GET {Target} HTTP/1.1\r\n{s_authorised}\r\n";

    public static TheoryData<string, string> Ambiguous =>
        new()
        {
            { "length and chunks", $"GET {Target} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{s_hidden}" },
            { "chunks and length", $"GET {Target} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: {s_hidden.Length + 5}\r\n\r\n0\r\n\r\n{s_hidden}" },
            { "chunks in a GET", $"GET {Target} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{s_hidden}" },
            { "chunks of HTTP/1.0", $"GET {Target} HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{s_hidden}" },
            { "an unknown encoding", $"GET {Target} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{s_hidden}" },
            { "two encodings", $"GET {Target} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{s_hidden}" },
            { "a blank before the colon", $"GET {Target} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n{s_hidden}" },
            { "a folded header", $"GET {Target} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n{s_hidden}" },
            { "a folded header of no meaning", $"GET {Target} HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n{s_hidden}" },
            { "two lengths", $"GET {Target} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: {s_hidden.Length}\r\n\r\n{s_hidden}" },
            { "a list of lengths", $"GET {Target} HTTP/1.1\r\nHost: x\r\nContent-Length: 0, 0\r\n\r\n{s_hidden}" },
            { "a length with a sign", $"GET {Target} HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\n{s_hidden}" },
            { "a body", $"GET {Target} HTTP/1.1\r\nHost: x\r\nContent-Length: {s_hidden.Length}\r\n\r\n{s_hidden}" },
            { "a body of a HEAD", $"HEAD {Target} HTTP/1.1\r\nHost: x\r\nContent-Length: {s_hidden.Length}\r\n\r\n{s_hidden}" },
            { "length and chunks of a release", $"POST /repository/netsec/release HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{s_hidden}" },
            { "a negative length", $"GET {Target} HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n{s_hidden}" },
            { "two hosts", $"GET {Target} HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n{s_hidden}" },
            { "no host", $"GET {Target} HTTP/1.1\r\n\r\n{s_hidden}" },
            { "another host in the target", $"GET http://y{Target} HTTP/1.1\r\nHost: x\r\n\r\n{s_hidden}" },
            { "lines that end in a line feed alone", $"GET {Target} HTTP/1.1\nHost: x\n\n{s_hidden}" },
            { "one line that ends in a line feed alone", $"GET {Target} HTTP/1.1\r\nHost: x\nX-A: b\r\n\r\n{s_hidden}" },
            { "a carriage return inside a header", $"GET {Target} HTTP/1.1\r\nHost: x\r\nX-A: b\rTransfer-Encoding: chunked\r\n\r\n{s_hidden}" },
            { "a NUL in a header", $"GET {Target} HTTP/1.1\r\nHost: x\r\nX-A: b\0c\r\n\r\n{s_hidden}" },
            { "a header without a name", $"GET {Target} HTTP/1.1\r\nHost: x\r\n: b\r\n\r\n{s_hidden}" },
            { "a header without a colon", $"GET {Target} HTTP/1.1\r\nHost: x\r\nX-A\r\n\r\n{s_hidden}" },
            { "a target with a blank", $"GET {Target} /other HTTP/1.1\r\nHost: x\r\n\r\n{s_hidden}" },
            { "another version", $"GET {Target} HTTP/1.2\r\nHost: x\r\n\r\n{s_hidden}" },
            { "no version", $"GET {Target}\r\n{s_hidden}" },
        };

    [Theory]
    [MemberData(nameof(Ambiguous))]
    public async Task What_is_ambiguous_is_refused_and_nothing_after_it_is_read(string what, string sent)
    {
        var statuses = await RawConnection.ExchangeAsync(delivered.Parceler.Address, sent);

        statuses.Should().ContainSingle(what).Which.Should().BeOneOf([400, 405, 411, 501, 505], what);
    }

    [Fact]
    public async Task The_request_that_the_others_try_to_hide_is_answered_when_it_stands_alone() =>
        (await RawConnection.ExchangeAsync(delivered.Parceler.Address, s_hidden)).Should().Equal(200);

    [Fact]
    public async Task A_body_is_no_request()
    {
        var empty = $"GET {Target} HTTP/1.1\r\n{s_authorised}Content-Length: 0\r\n\r\n";
        var withBody = $"POST /repository/netsec/release HTTP/1.1\r\nHost: x\r\nContent-Length: {s_hidden.Length}\r\n\r\n{s_hidden}";
        var inChunks = $"POST /repository/netsec/release HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{s_hidden.Length:x}\r\n{s_hidden}\r\n0\r\n\r\n";

        var statuses = await RawConnection.ExchangeAsync(delivered.Parceler.Address, empty + withBody + inChunks + s_hidden);

        statuses.Should().Equal(200, 401, 401, 200);
    }

    [Fact]
    public async Task Requests_one_after_the_other_are_answered_in_their_order()
    {
        var missing = s_hidden.Replace("hello.txt", "missing.txt", StringComparison.Ordinal);
        var anonymous = $"GET {Target} HTTP/1.1\r\nHost: x\r\n\r\n";

        var statuses = await RawConnection.ExchangeAsync(delivered.Parceler.Address, s_hidden + missing + anonymous + s_hidden);

        statuses.Should().Equal(200, 404, 401, 200);
    }

    [Fact]
    public async Task The_target_with_its_own_host_is_the_same_target()
    {
        var statuses = await RawConnection.ExchangeAsync(delivered.Parceler.Address, s_hidden.Replace("GET /", "GET http://x/", StringComparison.Ordinal));

        statuses.Should().Equal(200);
    }
}
