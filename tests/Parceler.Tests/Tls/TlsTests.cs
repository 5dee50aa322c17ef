using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Parceler.App.Tls;
using Parceler.Tests.Support;

namespace Parceler.Tests.Tls;

/// <summary>Machines over https: what the real curl makes of it, and certificates that are renewed under running connections.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private TestCertificates _certificates = null!;
    private TestParceler _parceler = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _certificates = await TestCertificates.CreateAsync();
        await _certificates.MakeAsync("first", days: 12_000); // the clock of the service is the test's own
        await _certificates.MakeAsync("second", days: 12_000);
        _certificates.Serve("first");
        _parceler = await TestParceler.StartAsync(new() { ["TLS_CERTIFICATE"] = _certificates.Certificate, ["TLS_KEY"] = _certificates.Key }, "https://127.0.0.1:0");
        _parceler.WriteUpstream("netsec", "Packages", "index");
        _parceler.WriteUpstream("netsec", "large.bin", new string('x', 3 << 20));
        await _parceler.CreateAsync("netsec");
    }

    public async ValueTask DisposeAsync()
    {
        await _parceler.DisposeAsync();
        _certificates.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("--http2", "2 200")]
    [InlineData("--http1.1", "1.1 200")]
    public async Task A_client_gets_files_over_the_version_it_asks_for(string version, string expected)
    {
        (await CurlAsync(version, "Packages")).Should().Be("index" + expected);
        (await CurlAsync(version, "large.bin", "--output", _folder["large"])).Should().Be(expected);
        new FileInfo(_folder["large"]).Length.Should().Be(3 << 20);
    }

    [Theory]
    [InlineData("/repository/enterprise/netsec/../netsec/Packages", "2 400")]
    [InlineData("/repository/enterprise/netsec/%2e%2e/Packages", "2 400")]
    [InlineData("/repository/enterprise/netsec//Packages", "2 400")]
    [InlineData("/repository/enterprise/netsec/nothing", "2 404")]
    public async Task A_path_is_judged_as_it_was_sent_over_http_2_too(string target, string expected) =>
        (await CurlTargetAsync("--http2", target, "--path-as-is")).Should().Be(expected);

    [Fact]
    public async Task A_head_and_a_condition_and_a_range_hold_over_http_2()
    {
        (await CurlAsync("--http2", "Packages", "--head", "--output", _folder["head"])).Should().Be("2 200");
        var tag = (await File.ReadAllLinesAsync(_folder["head"], Cancellation)).Single(line => line.StartsWith("etag: ", StringComparison.Ordinal))["etag: ".Length..];

        (await CurlAsync("--http2", "Packages", "--header", $"If-None-Match: {tag}")).Should().Be("2 304");
        (await CurlAsync("--http2", "Packages", "--range", "1-2")).Should().Be("nd2 206");
        (await CurlAsync("--http2", "Packages", "--user", ":")).Should().Be("2 401");
    }

    [Theory]
    [InlineData("--tls-max", "1.2", 0)]
    [InlineData("--tlsv1.3", "--tls13-ciphers=TLS_AES_128_GCM_SHA256", 0)]
    [InlineData("--tls-max", "1.1", 35)]
    public async Task Versions_of_tls_that_are_broken_are_refused(string option, string value, int exitCode)
    {
        string[] options = value.StartsWith("--", StringComparison.Ordinal) ? [option, .. value.Split('=')] : [option, value, "--ciphers", "DEFAULT@SECLEVEL=0", "--tlsv1.0"];

        (await new RealClient(_folder.Path).RunAsync("curl", ["--disable", "--silent", "--cacert", _certificates.Root, .. options, $"{_parceler.Address}up"])).ExitCode.Should().Be(exitCode);
    }

    [Fact]
    public async Task A_renewed_certificate_is_taken_while_connections_go_on()
    {
        await using var standing = await ConnectAsync();
        (await AskAsync(standing)).Should().Contain("200 OK");
        SubjectOf(standing).Should().Be("CN=first");

        _certificates.Serve("second");
        _parceler.Get<ServedCertificate>().Look();

        await using var fresh = await ConnectAsync();
        SubjectOf(fresh).Should().Be("CN=second");
        (await AskAsync(standing)).Should().Contain("200 OK", "a connection that stands keeps its own");
        (await CurlAsync("--http2", "Packages")).Should().Be("index2 200", "the chain of the new one is sent as well");
        _parceler.Log.Lines.Should().ContainSingle(line => line.Contains("renewed TLS certificate of CN=second", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Half_a_renewal_keeps_the_pair_before_and_is_told_once()
    {
        var served = _parceler.Get<ServedCertificate>();
        _certificates.Put("second.pem", _certificates.Certificate); // its key is not there yet
        served.Look();
        served.Look();
        await using (var meanwhile = await ConnectAsync())
        {
            SubjectOf(meanwhile).Should().Be("CN=first");
        }

        await File.WriteAllTextAsync(_certificates.Certificate, (await File.ReadAllTextAsync(_certificates["second.pem"], Cancellation))[..^100], Cancellation); // cut in its chain
        served.Look();
        File.Delete(_certificates.Key);
        served.Look();
        Refusals().Should().ContainSingle().Which.Should().Contain("TLS_KEY: ").And.Contain("does not belong to the first certificate");

        _certificates.Serve("second");
        served.Look();
        await using var after = await ConnectAsync();
        SubjectOf(after).Should().Be("CN=second");

        _certificates.Put("first.key", _certificates.Key);
        served.Look();
        Refusals().Should().HaveCount(2, "the next one that goes wrong is news again");
    }

    [Fact]
    public void A_certificate_that_will_expire_is_told_of_once_a_day()
    {
        var served = _parceler.Get<ServedCertificate>();
        _parceler.Clock.SetUtcNow(served.Expires.AddDays(-14.5));
        served.Look();
        Warnings().Should().BeEmpty();

        for (var hours = 0; hours < 40; hours += 4)
        {
            _parceler.Clock.SetUtcNow(served.Expires.AddDays(-13).AddHours(hours));
            served.Look();
        }

        Warnings().Should().HaveCount(2).And.AllSatisfy(line => line.Should().StartWith("Warning: ").And.Contain("expires at"));
        _parceler.Clock.SetUtcNow(served.Expires.AddHours(1));
        served.Look();
        Warnings().Should().ContainSingle(line => line.StartsWith("Critical: ", StringComparison.Ordinal) && line.Contains("expired at", StringComparison.Ordinal));
    }

    private IEnumerable<string> Refusals() => _parceler.Log.Lines.Where(line => line.Contains("the one before stays in use", StringComparison.Ordinal));

    private IEnumerable<string> Warnings() => _parceler.Log.Lines.Where(line => line.Contains("TLS certificate expire", StringComparison.Ordinal));

    private Task<string> CurlAsync(string version, string path, params string[] options) => CurlTargetAsync(version, $"/repository/enterprise/netsec/{path}", options);

    private async Task<string> CurlTargetAsync(string version, string target, params string[] options)
    {
        string[] usual = ["--disable", "--silent", "--show-error", "--cacert", _certificates.Root, "--write-out", "%{http_version} %{http_code}", "-u", $"{TestParceler.Machine}:{TestParceler.Secret}"];
        return (await new RealClient(_folder.Path).RunAsync("curl", [.. usual, version, .. options, _parceler.Address.GetLeftPart(UriPartial.Authority) + target])).Succeeded().Output;
    }

    private async Task<SslStream> ConnectAsync()
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(_parceler.Address.Host, _parceler.Address.Port, Cancellation);
        var tls = new SslStream(socket.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "127.0.0.1", CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(_certificates.Root) }, RevocationMode = X509RevocationMode.NoCheck } },
            Cancellation
        );
        return tls;
    }

    private static string SubjectOf(SslStream tls) => tls.RemoteCertificate!.Subject;

    private static async Task<string> AskAsync(SslStream tls)
    {
        await tls.WriteAsync("GET /up HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), Cancellation);
        var answer = new byte[4096];
        return Encoding.ASCII.GetString(answer, 0, await tls.ReadAsync(answer, Cancellation));
    }
}
