using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Parceler.Operators;

/// <summary>Secrets that Parceler makes: 256 random bits each. Nobody guesses them, so a fast hash keeps them as well as a slow one would.</summary>
internal static class RandomSecret
{
    private const int Bytes = 32;

    /// <summary>How many characters one has.</summary>
    public const int Length = 43;

    public static string Make() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    public static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
