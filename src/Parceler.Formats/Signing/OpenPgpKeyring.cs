using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Parceler.Formats.Signing;

/// <summary>
/// The public keys that are trusted: a file such as those of /usr/share/keyrings, armored or not, of one key or many. Keys of other versions
/// than 4 are passed over. A file that holds no key is a <see cref="FormatException"/>.
/// </summary>
public sealed class OpenPgpKeyring
{
    private OpenPgpKeyring(IReadOnlyList<OpenPgpCertificate> certificates) => Certificates = certificates;

    /// <summary>The fingerprints of the keys (not of their subkeys), 40 lower-case hexadecimal digits each.</summary>
    public IEnumerable<string> Fingerprints => Certificates.Select(certificate => certificate.Fingerprint);

    internal IReadOnlyList<OpenPgpCertificate> Certificates { get; }

    /// <summary>Held while keys are checked: the library sums up in the signatures of a key themselves.</summary>
    internal Lock Checking { get; } = new();

    public static OpenPgpKeyring Parse(ReadOnlySpan<byte> file)
    {
        var certificates = new List<OpenPgpCertificate>();
        foreach (var packets in PartKeys(OpenPgpPacket.Split(OpenPgpArmor.Read(file))))
        {
            certificates.Add(ToCertificate(packets));
        }

        return certificates.Count > 0 ? new(certificates) : throw new FormatException("The OpenPGP file holds no public key");
    }

    // of each key what the policy looks at: its subkeys and names, and the signatures over them
    private static List<List<byte>> PartKeys(List<OpenPgpPacket> packets)
    {
        var keys = new List<List<byte>>();
        var isKept = false;
        foreach (var packet in packets)
        {
            if (packet.Tag == OpenPgpPacket.PublicKey && packet.IsVersion4)
            {
                keys.Add([]);
            }

            var beginsKey = packet.Tag is OpenPgpPacket.PublicKey or OpenPgpPacket.PublicSubkey;
            isKept = beginsKey ? packet.IsVersion4 && keys.Count > 0 : isKept;
            if (isKept && IsUsed(packet))
            {
                keys[^1].AddRange(packet.Whole.Span);
            }
        }

        return keys;
    }

    private static bool IsUsed(OpenPgpPacket packet) => packet.Tag switch
    {
        OpenPgpPacket.PublicKey or OpenPgpPacket.PublicSubkey or OpenPgpPacket.UserId => true,
        OpenPgpPacket.Signature => packet.IsVersion4,
        _ => false,
    };

    private static OpenPgpCertificate ToCertificate(List<byte> packets)
    {
        try
        {
            return new([.. new PgpPublicKeyRing([.. packets]).GetPublicKeys()]);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw new FormatException($"The OpenPGP key is damaged: {error.Message}", error);
        }
    }
}
