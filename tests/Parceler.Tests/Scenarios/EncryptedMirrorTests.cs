using Parceler.Tests.Support;
using Parceler.Tests.Upstreams.Mirrors;

namespace Parceler.Tests.Scenarios;

/// <summary>Upstreams over https, whose certificate an authority of the operator's own made.</summary>
[Trait("Speed", "slow")]
public sealed class EncryptedMirrorTests : IAsyncLifetime
{
    private readonly InstalledParceler _parceler = new();
    private readonly TempFolder _tree = new();
    private TestCertificates _certificates = null!;
    private FaultyUpstream _upstream = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _certificates = await TestCertificates.CreateAsync();
        await _certificates.MakeAsync("upstream");
        _certificates.Serve("upstream");
        _tree.Write("a.txt", "a");
        _upstream = await FaultyUpstream.StartAsync(_tree.Path, _certificates);
        await _parceler.DoneAsync("repository", "create", "tree", "--upstream", "http", _upstream.Address, "--delay", "0", "--no-sync");
        await _parceler.AddMachineAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _upstream.DisposeAsync();
        _certificates.Dispose();
        _tree.Dispose();
        _parceler.Dispose();
    }

    [Fact]
    public async Task A_certificate_of_an_authority_that_nobody_trusts_is_refused_with_its_reason_and_asked_once()
    {
        await using var service = await _parceler.StartAsync("serve");

        (await FailsAsync()).Should().StartWith($"The sync of 'tree' made no snapshot: {_upstream.Address}/sha256sums can't be asked: The remote certificate is invalid because of errors in the certificate chain: ")
            .And.Contain("PartialChain").And.EndWith("or name its file in SSL_CERT_FILE");
        _upstream.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task One_of_an_authority_that_the_machine_trusts_is_taken()
    {
        await using var service = await StartTrustingAsync();

        await _parceler.DoneAsync("repository", "sync", "tree", "--wait");

        await Wait.UntilAsync(async () => await _parceler.ReadAsync("tree", "a.txt") == "a", "it is served");
    }

    [Fact]
    public async Task One_of_another_host_is_refused()
    {
        await using var service = await StartTrustingAsync();
        await _parceler.DoneAsync("repository", "edit", "tree", "--upstream", "http", _upstream.Address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal));

        (await FailsAsync()).Should().Contain("https://localhost:").And.Contain("RemoteCertificateNameMismatch");
    }

    [Fact]
    public async Task A_redirect_out_of_the_encryption_is_refused()
    {
        await using var service = await StartTrustingAsync();
        await using var plain = await FaultyUpstream.StartAsync(_tree.Path);
        _upstream.Fault = (http, serve) =>
        {
            if (http.Request.Path == "/a.txt")
            {
                http.Response.Redirect($"{plain.Address}/a.txt");
                return Task.CompletedTask;
            }

            return serve();
        };

        (await FailsAsync()).Should().Contain($"{_upstream.Address}/a.txt redirects to {plain.Address}/a.txt, which is not encrypted: refused");
        plain.Requests.Should().BeEmpty();
    }

    private Task<RunningParceler> StartTrustingAsync() => _parceler.StartAsync([("SSL_CERT_FILE", _certificates.Root)], "serve");

    private async Task<string> FailsAsync()
    {
        var run = await _parceler.RunAsync("repository", "sync", "tree", "--wait");
        run.Status.Should().NotBe(0);
        var last = (await _parceler.DoneAsync("repository", "list", "--json")).Json[0].GetProperty("lastSync");
        return last.GetProperty("error").GetString()!;
    }
}
