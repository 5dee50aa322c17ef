using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Parceler.Formats.Signing;

/// <summary>
/// The random number of a usign key pair: both its files and each of its signatures carry it. Routers keep a public key
/// under this name, 16 lower-case hex digits, in /etc/opkg/keys.
/// </summary>
public readonly record struct KeyFingerprint(ulong Number)
{
    internal const int Size = sizeof(ulong);

    internal static KeyFingerprint Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt64BigEndian(bytes));

    internal static KeyFingerprint Random() => Read(RandomNumberGenerator.GetBytes(Size));

    public override string ToString() => Number.ToString("x16", CultureInfo.InvariantCulture);

    internal void Write(Span<byte> bytes) => BinaryPrimitives.WriteUInt64BigEndian(bytes, Number);
}
