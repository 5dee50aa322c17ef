using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Parceler.Entitlements;

/// <summary>
/// Makes machines' keys from their credentials. Where the authority checks the secret only, the id is a label that
/// anybody can invent: it stays out of the key, so one secret is one machine however many ids it is sent with.
/// </summary>
internal sealed class MachineKeyRing
{
    private readonly byte[] _current;
    private readonly byte[][] _previous;

    public MachineKeyRing(IReadOnlyList<byte[]> appKeys)
    {
        if (appKeys.Count == 0 || appKeys.Any(key => key.Length < 16))
        {
            throw new ArgumentException("APP_KEY must hold at least 16 bytes; make one with: parceler key generate --show", nameof(appKeys));
        }

        var keys = appKeys.Select(key => HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: "parceler machine key 1"u8.ToArray())).ToArray();
        _current = keys[0];
        _previous = keys[1..];
    }

    public MachineKey Current(Tier tier, Credentials credentials) => Hash(_current, tier, credentials);

    /// <summary>The keys under which earlier values of <c>APP_KEY</c> have stored the machine.</summary>
    public IEnumerable<MachineKey> Previous(Tier tier, Credentials credentials) => _previous.Select(key => Hash(key, tier, credentials));

    private static MachineKey Hash(byte[] key, Tier tier, Credentials credentials)
    {
        Span<byte> message = stackalloc byte[4 * Credentials.LongestHeader];
        var end = 1;
        message[0] = tier.Kind is TierKind.Token ? (byte)1 : (byte)2;
        Append(message, ref end, tier.Name.ToString());
        if (tier.Kind is not TierKind.Token)
        {
            Append(message, ref end, credentials.Id.ToString());
        }

        Append(message, ref end, credentials.Secret);
        Span<byte> hash = stackalloc byte[MachineKey.Size];
        HMACSHA256.HashData(key, message[..end], hash);
        return new(hash);
    }

    // With its length in front, so that no two sets of parts make the same message.
    private static void Append(Span<byte> message, ref int end, string part)
    {
        var size = Encoding.UTF8.GetBytes(part, message[(end + 4)..]);
        BinaryPrimitives.WriteInt32LittleEndian(message[end..], size);
        end += 4 + size;
    }
}
