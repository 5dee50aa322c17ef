using System.Security.Cryptography;
using System.Text;
using Parceler.Repositories;

namespace Parceler.Operators;

/// <summary>A password as it is kept: PBKDF2 with SHA-512 of it and a salt, slow on purpose. The rounds stand beside it, so that later ones can be more.</summary>
internal sealed record PasswordHash(byte[] Salt, byte[] Hash, int Rounds)
{
    public const int Shortest = 12;
    private const int Longest = 256;
    private const int UsualRounds = 210_000;
    private const int SaltSize = 16;
    private const int HashSize = 64;

    /// <summary>What no password fits: whoever is unknown is to wait as long as others.</summary>
    public static PasswordHash OfNobody { get; } = new(RandomNumberGenerator.GetBytes(SaltSize), new byte[HashSize], UsualRounds);

    /// <exception cref="InvalidSettingException">It is too short, or nothing that can be typed.</exception>
    public static PasswordHash Of(string password)
    {
        if (password.Length is < Shortest or > Longest || password.Any(char.IsControl))
        {
            throw new InvalidSettingException($"A password has {Shortest} to {Longest} characters, and no control characters");
        }

        var salt = RandomNumberGenerator.GetBytes(SaltSize);
        return new(salt, HashOf(password, salt, UsualRounds), UsualRounds);
    }

    public bool Fits(string password) => password.Length <= Longest && CryptographicOperations.FixedTimeEquals(Hash, HashOf(password, Salt, Rounds));

    private static byte[] HashOf(string password, byte[] salt, int rounds) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, rounds, HashAlgorithmName.SHA512, HashSize);
}
