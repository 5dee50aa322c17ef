using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Parceler.App.Tls;

/// <summary>A certificate, its chain and its key, found to belong together.</summary>
internal sealed class CertificatePair
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";

    private CertificatePair(X509Certificate2 certificate, X509Certificate2Collection chain, string digest)
    {
        Certificate = certificate;
        Context = SslStreamCertificateContext.Create(certificate, chain, offline: true); // nothing is asked of anybody
        Digest = digest;
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>What connections begin with: built once, since a chain is dear to build.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>Of what stands in the files.</summary>
    public string Digest { get; }

    public DateTimeOffset Expires => Certificate.NotAfter;

    /// <exception cref="TlsException"/>
    public static CertificatePair Load(TlsFiles files) => Load(PemFile.Read(TlsFiles.CertificateName, files.Certificate), PemFile.Read(TlsFiles.KeyName, files.Key));

    /// <exception cref="TlsException"/>
    public static CertificatePair Load(PemFile certificate, PemFile key)
    {
        var chain = ReadChain(certificate);
        CheckKey(key);
        var usages = chain[0].Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault()?.EnhancedKeyUsages;
        if (usages is not null && !usages.Cast<Oid>().Any(usage => usage.Value == ServerUse))
        {
            throw certificate.Fault("begins with a certificate that is not for servers");
        }

        try
        {
            return new(X509Certificate2.CreateFromPem(certificate.Text, key.Text), chain, DigestOf(certificate, key));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw key.Fault($"does not belong to the first certificate in {certificate.Path}, or is damaged: {e.Message}");
        }
    }

    public static string DigestOf(PemFile certificate, PemFile key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.Latin1.GetBytes($"{certificate.Text}\0{key.Text}")));

    private static X509Certificate2Collection ReadChain(PemFile file)
    {
        if (!file.Labels().Contains("CERTIFICATE"))
        {
            throw file.Fault("holds no certificate in PEM (-----BEGIN CERTIFICATE-----)");
        }

        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPem(file.Text);
        }
        catch (CryptographicException e)
        {
            throw file.Fault($"holds a damaged certificate: {e.Message}");
        }

        return chain;
    }

    private static void CheckKey(PemFile file)
    {
        if (file.Text.Contains("BEGIN ENCRYPTED PRIVATE KEY", StringComparison.Ordinal) || file.Text.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
        {
            throw file.Fault("is protected by a passphrase; nobody is there to enter it at start. Store the key without");
        }

        if (!file.Labels().Exists(label => label.EndsWith("PRIVATE KEY", StringComparison.Ordinal)))
        {
            throw file.Fault("holds no private key in PEM (-----BEGIN PRIVATE KEY-----)");
        }
    }
}
