using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Parceler.Formats.Apk;

namespace Parceler.Formats.Signing;

/// <summary>
/// A key that signs for apk: PEM of ECDSA or RSA without a password, as openssl writes it. What is none is a <see cref="FormatException"/>.
/// </summary>
public sealed class ApkSecretKey : IDisposable
{
    private readonly AsymmetricAlgorithm _key;

    private ApkSecretKey(AsymmetricAlgorithm key) => _key = key;

    public ApkPublicKey PublicKey => ApkPublicKey.Of(_key is ECDsa ecdsa ? new PublicKey(ecdsa) : new PublicKey((RSA)_key));

    /// <summary>Of ECDSA on P-256, as OpenWrt's keys are.</summary>
    public static ApkSecretKey Generate() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    public static ApkSecretKey Parse(string pem) => new(
        Import(ECDsa.Create(), pem) ?? Import(RSA.Create(), pem)
        ?? throw new FormatException("This is no secret key for apk: expected ECDSA or RSA in PEM, without a password"));

    /// <summary>The text of the key file. Keep it as secret as the key.</summary>
    public string ToText() => $"{_key.ExportPkcs8PrivateKeyPem()}\n";

    /// <summary>The file with a signature more.</summary>
    public AdbFile Sign(AdbFile file) => file.With(AdbSignature.Of(file, PublicKey.Id, message => Sign(message, HashAlgorithmName.SHA512)));

    public void Dispose() => _key.Dispose();

    internal byte[] Sign(byte[] message, HashAlgorithmName hash) => _key is ECDsa ecdsa
        ? ecdsa.SignData(message, hash, DSASignatureFormat.Rfc3279DerSequence)
        : ((RSA)_key).SignData(message, hash, RSASignaturePadding.Pkcs1);

    private static AsymmetricAlgorithm? Import(AsymmetricAlgorithm key, string pem)
    {
        try
        {
            key.ImportFromPem(pem);
            key.ExportPkcs8PrivateKey(); // throws if only the public half stood there
            return key;
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            key.Dispose();
            return null;
        }
    }
}
