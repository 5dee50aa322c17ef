using System.Security.Cryptography;
using System.Text;

namespace Parceler.Formats.Apk;

/// <summary>One signature in an adb file, over its description. Proven only by <see cref="Signing.ApkPublicKey.Verify(AdbFile)"/>.</summary>
public sealed class AdbSignature
{
    internal const int Longest = 1 << 16;
    internal const int KeyIdLength = 16;
    private const int HeaderLength = 2 + KeyIdLength;
    private const byte Version = 0;
    private const byte Sha512 = 4;
    private readonly byte[] _content;

    private AdbSignature(byte[] content) => _content = content;

    /// <summary>The number of the key that is said to have signed, 32 lower-case hexadecimal digits.</summary>
    public string KeyId => Convert.ToHexStringLower(_content.AsSpan(2, KeyIdLength));

    /// <summary>Whether it is of the one kind that apk makes: version 0, over SHA-512.</summary>
    internal bool IsKnown => _content[0] == Version && _content[1] == Sha512;

    internal ReadOnlySpan<byte> Bytes => _content.AsSpan(HeaderLength);

    internal static AdbSignature Parse(byte[] content) => content.Length > HeaderLength ? new(content) : throw AdbFile.Damaged();

    /// <summary>Signs a file with what makes a signature of its bytes.</summary>
    internal static AdbSignature Of(AdbFile file, ReadOnlySpan<byte> keyId, Func<byte[], byte[]> sign)
    {
        byte[] header = [Version, Sha512, .. keyId];
        return new([.. header, .. sign(SignedBytes(file, header))]);
    }

    /// <summary>What is signed: the schema, the beginning of the signature, and the SHA-512 of the description.</summary>
    internal byte[] SignedBytes(AdbFile file) => SignedBytes(file, _content.AsSpan(0, HeaderLength));

    internal byte[] ToBytes() => _content;

    private static byte[] SignedBytes(AdbFile file, ReadOnlySpan<byte> header) =>
        [.. Encoding.Latin1.GetBytes(file.Schema), .. header, .. SHA512.HashData(file.Payload.Span)];
}
