using Parceler.Tests.Support;

namespace Parceler.Tests.Tls;

/// <summary>The process as operators run it: a faulty pair is refused before it listens, a renewed one is found without being told.</summary>
[Trait("Speed", "slow")]
public sealed class RenewalTests : IAsyncLifetime
{
    private readonly InstalledParceler _parceler = new();
    private TestCertificates _certificates = null!;

    public async ValueTask InitializeAsync()
    {
        _certificates = await TestCertificates.CreateAsync();
        await _certificates.MakeAsync("first");
        await _certificates.MakeAsync("second");
        _certificates.Serve("first");
        _parceler.Environment["ASPNETCORE_URLS"] = $"https://127.0.0.1:{_parceler.Address.Port}";
        _parceler.Environment["TLS_CERTIFICATE"] = _certificates.Certificate;
        _parceler.Environment["TLS_KEY"] = _certificates.Key;
    }

    public ValueTask DisposeAsync()
    {
        _certificates.Dispose();
        _parceler.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_key_of_another_certificate_is_refused_by_the_service_and_by_the_check()
    {
        _certificates.Put("second.key", _certificates.Key);

        foreach (string[] words in new string[][] { ["serve"], ["config", "check"] })
        {
            var printed = await _parceler.RunAsync(words);
            printed.Status.Should().Be(2);
            printed.Error.Should().Contain("TLS_KEY: ").And.Contain("does not belong");
        }

        (await _parceler.RunAsync("repository", "list")).Status.Should().Be(0, "it answers nobody");
    }

    [Fact]
    public async Task A_renewed_certificate_is_found_within_seconds()
    {
        await using var service = await _parceler.StartAsync("serve");
        service.Log.Should().Contain("TLS certificate expires at", "it has ten days left");
        (await SubjectAsync()).Should().Contain("CN = first");

        _certificates.Serve("second");

        await Wait.UntilAsync(async () => (await SubjectAsync()).Contains("CN = second", StringComparison.Ordinal), "new connections get the renewed certificate", seconds: 15);
    }

    private async Task<string> SubjectAsync()
    {
        var address = $"127.0.0.1:{_parceler.Address.Port}";
        return (await new RealClient(_parceler.Folder.Path).RunAsync("openssl", "s_client", "-connect", address, "-CAfile", _certificates.Root, "-verify_return_error")).Succeeded().Output;
    }
}
