using System.Security.Cryptography;
using System.Text;

namespace Parceler.Entitlements;

/// <summary>One entry of the list that Parceler keeps, as it is stored and exported. The secret is in it only as a salted hash.</summary>
internal sealed record LocalMachineEntry(
    TierName Tier,
    SystemId Id,
    byte[] Salt,
    byte[] Hash,
    int Rounds,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset CreatedAt
)
{
    private const int SaltSize = 16;
    private const int UsualRounds = 10_000; // the secrets are long and random as a rule, and a restart checks all machines anew

    public static LocalMachineEntry Of(TierName tier, SystemId id, string secret, DateTimeOffset? expiresAt, DateTimeOffset now)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltSize);
        return new(tier, id, salt, HashOf(secret, salt, UsualRounds), UsualRounds, expiresAt, now);
    }

    public bool Fits(string secret) => CryptographicOperations.FixedTimeEquals(Hash, HashOf(secret, Salt, Rounds));

    public bool HasSameSecretAs(LocalMachineEntry other) =>
        Rounds == other.Rounds && Salt.AsSpan().SequenceEqual(other.Salt) && CryptographicOperations.FixedTimeEquals(Hash, other.Hash);

    private static byte[] HashOf(string secret, byte[] salt, int rounds) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(secret), salt, rounds, HashAlgorithmName.SHA256, 32);
}

/// <summary>A listed machine in memory. The slow hash is computed once for each secret that is tried; after that its key tells.</summary>
internal sealed class LocalMachine(LocalMachineEntry entry, LocalMachine? before)
{
    private const int WrongOnesRemembered = 8;
    private static readonly Verdict WrongSecret = new Verdict.Denied("the secret is wrong");
    private static readonly Verdict Expired = new Verdict.Denied("its entry in the list has expired");
    private readonly Verdict _allowed = new Verdict.Allowed(entry.ExpiresAt ?? DateTimeOffset.MaxValue);

    // Replaced whole, never changed.
    private volatile MachineKey[] _right = before is not null && before.Entry.HasSameSecretAs(entry) ? before._right : [];
    private volatile MachineKey[] _wrong = before is not null && before.Entry.HasSameSecretAs(entry) ? before._wrong : [];

    public LocalMachineEntry Entry => entry;

    /// <summary>The verdict, if this secret was looked at before; else null.</summary>
    public Verdict? Judge(MachineKey key, DateTimeOffset now)
    {
        if (_right.AsSpan().Contains(key))
        {
            return now < (entry.ExpiresAt ?? DateTimeOffset.MaxValue) ? _allowed : Expired;
        }

        return _wrong.AsSpan().Contains(key) ? WrongSecret : null;
    }

    /// <summary>Looks at a secret: slow, by design.</summary>
    public Verdict Check(MachineKey key, string secret, DateTimeOffset now, out bool fits)
    {
        fits = entry.Fits(secret);
        if (fits)
        {
            _right = [key];
        }
        else
        {
            _wrong = [key, .. _wrong.AsSpan(0, Math.Min(_wrong.Length, WrongOnesRemembered - 1))];
        }

        return Judge(key, now) ?? WrongSecret;
    }
}
