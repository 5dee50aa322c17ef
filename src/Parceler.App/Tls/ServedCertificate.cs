using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Parceler.App.Configuration;
using Parceler.Jobs;

namespace Parceler.App.Tls;

/// <summary>
/// The certificate that new connections get. It follows its files: a renewed pair is taken as soon as it is whole, and
/// until then the one before stays. Connections that stand keep theirs.
/// </summary>
internal sealed partial class ServedCertificate(TlsFiles files, TimeProvider clock, ILogger<ServedCertificate> log) : BackgroundService
{
    /// <summary>From when on a certificate that was not renewed is worth a warning.</summary>
    private static readonly TimeSpan s_soon = TimeSpan.FromDays(14);
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(5); // two small files; no notice of a change is lost, whatever they are mounted from
    private volatile CertificatePair _pair = LoadFirst(files);
    private bool _refused;
    private DateTimeOffset _warnAgainFrom;

    public X509Certificate2 Certificate => _pair.Certificate;

    public SslStreamCertificateContext Context => _pair.Context;

    public DateTimeOffset Expires => _pair.Expires;

    /// <summary>Looks whether the files changed, and whether the certificate will expire.</summary>
    public void Look()
    {
        try
        {
            Follow();
        }
        catch (TlsException e)
        {
            if (!_refused)
            {
                Refused(log, e.Message);
            }

            _refused = true;
        }

        WarnOfExpiry();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        WarnOfExpiry();
        return Repeat.EveryAsync(s_every, _ => { Look(); return Task.CompletedTask; }, clock, log, stoppingToken);
    }

    private static CertificatePair LoadFirst(TlsFiles files)
    {
        try
        {
            return CertificatePair.Load(files);
        }
        catch (TlsException e)
        {
            throw new SettingsException([e.Message]);
        }
    }

    private void Follow()
    {
        var (certificate, key) = (PemFile.Read(TlsFiles.CertificateName, files.Certificate), PemFile.Read(TlsFiles.KeyName, files.Key));
        if (CertificatePair.DigestOf(certificate, key) != _pair.Digest)
        {
            _pair = CertificatePair.Load(certificate, key);
            _warnAgainFrom = default;
            Renewed(log, _pair.Certificate.Subject, _pair.Expires);
        }

        _refused = false;
    }

    private void WarnOfExpiry()
    {
        var now = clock.GetUtcNow();
        if (now < _warnAgainFrom || _pair.Expires - now > s_soon)
        {
            return;
        }

        _warnAgainFrom = now.AddDays(1);
        if (_pair.Expires > now)
        {
            ExpiresSoon(log, _pair.Expires, files.Certificate);
        }
        else
        {
            Expired(log, _pair.Expires, files.Certificate);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The TLS certificate was replaced, but the new pair can't be used, and the one before stays in use. {Problem}")]
    private static partial void Refused(ILogger log, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "New connections get the renewed TLS certificate of {Subject}, valid until {Until:u}")]
    private static partial void Renewed(ILogger log, string subject, DateTimeOffset until);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The TLS certificate expires at {Until:u}, and {File} holds no newer one")]
    private static partial void ExpiresSoon(ILogger log, DateTimeOffset until, string file);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The TLS certificate expired at {Until:u}: clients that check it get nothing. Renew {File}")]
    private static partial void Expired(ILogger log, DateTimeOffset until, string file);
}
