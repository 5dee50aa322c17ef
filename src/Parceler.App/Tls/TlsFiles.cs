namespace Parceler.App.Tls;

/// <summary>The two PEM files that TLS needs, as configured. They are replaced when the certificate is renewed.</summary>
/// <param name="Certificate">The certificate first, then its chain.</param>
internal sealed record TlsFiles(string Certificate, string Key)
{
    public const string CertificateName = "TLS_CERTIFICATE";
    public const string KeyName = "TLS_KEY";
}
