using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Parceler.Tests.Support;

/// <summary>An answer as it came over the wire.</summary>
/// <param name="Headers">By name, in whatever case; what came more than once stands side by side.</param>
/// <param name="Body">All that followed the headers, whatever they say of it; chunks are put together.</param>
internal sealed record RawAnswer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.Latin1.GetString(Body);

    public string? this[string header] => Headers.GetValueOrDefault(header);

    /// <summary>The answer itself, which has to be an error as machines want it.</summary>
    public RawAnswer ShouldBeEmpty(int status)
    {
        Status.Should().Be(status);
        Body.Should().BeEmpty("a client of the fleet takes an error body for a version string");
        this["Content-Length"].Should().Be("0");
        Headers.Should().NotContainKeys("Server", "Content-Type");
        return this;
    }
}

/// <summary>A request sent byte by byte: client libraries tidy targets up before they send them.</summary>
internal static class RawRequest
{
    public static string Basic(string id, string secret) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{secret}"));

    public static async Task<RawAnswer> SendAsync(Uri address, string method, string target, params (string Name, string Value)[] headers)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var connection = new TcpClient();
        await connection.ConnectAsync(address.Host, address.Port, cancellation);
        await using var stream = await SecureAsync(address, connection.GetStream(), cancellation);
        var lines = headers.Select(header => $"{header.Name}: {header.Value}\r\n");
        await stream.WriteAsync(Encoding.Latin1.GetBytes($"{method} {target} HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: close\r\n{string.Concat(lines)}\r\n"), cancellation);
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer, cancellation);
        return Parse(answer.ToArray());
    }

    // Whose certificate it is, others test.
    private static async Task<Stream> SecureAsync(Uri address, Stream stream, CancellationToken cancellation)
    {
        if (address.Scheme != "https")
        {
            return stream;
        }

        var tls = new SslStream(stream, leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate is not null);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = address.Host }, cancellation);
        return tls;
    }

    private static RawAnswer Parse(byte[] answer)
    {
        var end = answer.AsSpan().IndexOf("\r\n\r\n"u8);
        var lines = Encoding.Latin1.GetString(answer, 0, end).Split("\r\n");
        var headers = lines[1..]
            .GroupBy(line => line[..line.IndexOf(':')], line => line[(line.IndexOf(':') + 1)..].Trim(), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(header => header.Key, header => string.Join(" | ", header), StringComparer.OrdinalIgnoreCase);
        var body = answer[(end + 4)..];
        return new(int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), headers, headers.GetValueOrDefault("Transfer-Encoding") == "chunked" ? [.. Unchunk(body)] : body);
    }

    private static IEnumerable<byte> Unchunk(byte[] body)
    {
        for (var at = 0; ;)
        {
            var end = at + body.AsSpan(at).IndexOf("\r\n"u8);
            var size = int.Parse(Encoding.ASCII.GetString(body, at, end - at), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (size == 0)
            {
                yield break;
            }

            foreach (var one in body[(end + 2)..(end + 2 + size)])
            {
                yield return one;
            }

            at = end + 2 + size + 2;
        }
    }
}
