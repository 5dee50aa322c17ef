using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Parceler.Formats.Signing;

/// <summary>A public key with its subkeys.</summary>
internal sealed class OpenPgpCertificate(IReadOnlyList<PgpPublicKey> keys)
{
    public PgpPublicKey Primary { get; } = keys[0];

    public string Fingerprint => FingerprintOf(Primary);

    /// <summary>The key or subkey with this number, or null.</summary>
    public PgpPublicKey? Find(long keyId) => keys.FirstOrDefault(key => key.KeyId == keyId);

    public static string FingerprintOf(PgpPublicKey key) => Convert.ToHexStringLower(key.GetFingerprint());
}
