using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Parceler.Storage;

/// <summary>SHA-256 of a file's content: the name of its blob. Written as 64 lower-case hex digits.</summary>
internal readonly struct Digest : IEquatable<Digest>, ISpanParsable<Digest>
{
    public const int Size = 32;
    private readonly Bytes _bytes;

    public Digest(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Size);
        bytes.CopyTo(_bytes);
    }

    [UnscopedRef]
    public ReadOnlySpan<byte> AsSpan() => _bytes;

    public static Digest Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(content, hash);
        return new(hash);
    }

    public static Digest Parse(string s, IFormatProvider? provider = null) => Parse(s.AsSpan(), provider);

    public static Digest Parse(ReadOnlySpan<char> s, IFormatProvider? provider) =>
        TryParse(s, provider, out var digest) ? digest : throw new FormatException($"'{s}' is no SHA-256 digest: 64 lower-case hex digits");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Digest result) =>
        TryParse(s.AsSpan(), provider, out result);

    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out Digest result)
    {
        Span<byte> bytes = stackalloc byte[Size];
        if (s.Length != 2 * Size || s.ContainsAnyInRange('A', 'F') || Convert.FromHexString(s, bytes, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            result = default;
            return false;
        }

        result = new(bytes);
        return true;
    }

    public static bool operator ==(Digest a, Digest b) => a.Equals(b);

    public static bool operator !=(Digest a, Digest b) => !a.Equals(b);

    public bool Equals(Digest other) => AsSpan().SequenceEqual(other.AsSpan());

    public override bool Equals(object? obj) => obj is Digest other && Equals(other);

    public override int GetHashCode() => Unsafe.ReadUnaligned<int>(in AsSpan()[0]);

    public override string ToString() => Convert.ToHexStringLower(AsSpan());

    [InlineArray(Size)]
    private struct Bytes
    {
        private byte _first;
    }
}
