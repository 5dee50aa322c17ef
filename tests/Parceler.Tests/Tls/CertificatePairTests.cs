using Microsoft.Extensions.Configuration;
using Parceler.App.Configuration;
using Parceler.App.Tls;
using Parceler.Tests.Support;

namespace Parceler.Tests.Tls;

/// <summary>The faults that a pair of PEM files can have, as the configuration names them.</summary>
public sealed class CertificatePairTests : IAsyncLifetime
{
    private TestCertificates _certificates = null!;

    public async ValueTask InitializeAsync()
    {
        _certificates = await TestCertificates.CreateAsync();
        await _certificates.MakeAsync("good");
        await _certificates.MakeAsync("other");
        await _certificates.MakeAsync("client", use: "clientAuth");
        await _certificates.OpensslAsync("ec -in good.key -aes256 -passout pass:x -out locked.key");
        await _certificates.OpensslAsync("pkcs8 -topk8 -in good.key -passout pass:x -out locked8.key");
        await _certificates.OpensslAsync("x509 -in good.crt -outform der -out der.pem");
        await _certificates.OpensslAsync("req -x509 -newkey rsa:2048 -nodes -keyout rsa.key -out rsa.pem -days 3 -subj /CN=rsa");
        await File.WriteAllTextAsync(_certificates["cut.pem"], (await File.ReadAllTextAsync(_certificates["good.pem"]))[..^60]);
        await File.WriteAllTextAsync(_certificates["damaged.pem"], "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        await File.WriteAllTextAsync(_certificates["both.pem"], await File.ReadAllTextAsync(_certificates["good.key"]) + await File.ReadAllTextAsync(_certificates["good.pem"]));
        await File.WriteAllTextAsync(_certificates["empty"], "");
    }

    public ValueTask DisposeAsync()
    {
        _certificates.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("good.pem", "good.key", "CN=good")]
    [InlineData("rsa.pem", "rsa.key", "CN=rsa")]
    [InlineData("both.pem", "both.pem", "CN=good")]
    public void A_certificate_and_its_key_are_taken(string certificate, string key, string subject)
    {
        var pair = CertificatePair.Load(new(_certificates[certificate], _certificates[key]));

        pair.Certificate.Subject.Should().Be(subject);
        pair.Certificate.HasPrivateKey.Should().BeTrue();
    }

    [Theory]
    [InlineData("absent.pem", "good.key", "TLS_CERTIFICATE: *absent.pem can't be read*")]
    [InlineData("good.pem", "absent.key", "TLS_KEY: *absent.key can't be read*")]
    [InlineData("good.pem", "other.key", "TLS_KEY: *other.key does not belong to the first certificate in *good.pem*")]
    [InlineData("good.pem", "rsa.key", "TLS_KEY: *does not belong*")]
    [InlineData("good.pem", "locked.key", "TLS_KEY: *passphrase*")]
    [InlineData("good.pem", "locked8.key", "TLS_KEY: *passphrase*")]
    [InlineData("good.pem", "good.crt", "TLS_KEY: *holds no private key*")]
    [InlineData("good.pem", "empty", "TLS_KEY: *holds no private key*")]
    [InlineData("good.key", "good.key", "TLS_CERTIFICATE: *holds no certificate*")]
    [InlineData("der.pem", "good.key", "TLS_CERTIFICATE: *holds no certificate*")]
    [InlineData("empty", "good.key", "TLS_CERTIFICATE: *holds no certificate*")]
    [InlineData("cut.pem", "good.key", "TLS_CERTIFICATE: *cut.pem is damaged or cut off")]
    [InlineData("damaged.pem", "good.key", "TLS_CERTIFICATE: *damaged certificate*")]
    [InlineData("client.pem", "client.key", "TLS_CERTIFICATE: *is not for servers")]
    public void A_pair_that_cannot_be_used_is_a_fault_by_name(string certificate, string key, string fault)
    {
        var read = () => Read(opensFiles: true, ("TLS_CERTIFICATE", _certificates[certificate]), ("TLS_KEY", _certificates[key]));

        read.Should().Throw<SettingsException>().Which.Faults.Should().ContainSingle().Which.Should().Match(fault);
    }

    [Fact]
    public void A_command_that_answers_nobody_does_not_look_into_the_files() =>
        Read(opensFiles: false, ("TLS_CERTIFICATE", "/absent"), ("TLS_KEY", "/absent")).Tls.Should().Be(new TlsFiles("/absent", "/absent"));

    [Theory]
    [InlineData("TLS_CERTIFICATE", "TLS_KEY: missing; TLS_CERTIFICATE is of no use without it")]
    [InlineData("TLS_KEY", "TLS_CERTIFICATE: missing; TLS_KEY is of no use without it")]
    public void One_of_the_two_files_alone_is_a_fault(string name, string fault)
    {
        var read = () => Read(opensFiles: true, (name, _certificates["good.pem"]), ("urls", "https://127.0.0.1:0"));

        read.Should().Throw<SettingsException>().Which.Faults.Should().ContainSingle().Which.Should().Be(fault);
    }

    [Fact]
    public void An_address_with_https_needs_the_files()
    {
        var read = () => Read(opensFiles: true, ("ASPNETCORE_URLS", "http://127.0.0.1:80;HTTPS://127.0.0.1:443"));

        read.Should().Throw<SettingsException>().Which.Faults.Should().ContainSingle().Which.Should().Be("ASPNETCORE_URLS: 'HTTPS://127.0.0.1:443' needs a certificate: set TLS_CERTIFICATE and TLS_KEY");
    }

    private static ParcelerSettings Read(bool opensFiles, params (string Name, string Value)[] settings) =>
        new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Name, s => (string?)s.Value)).Build(), opensFiles).Read();
}
