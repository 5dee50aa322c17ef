using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Parceler.Entitlements;

/// <summary>What stands for a machine in memory, tables and leases: a hash of its tier and credentials, keyed by <c>APP_KEY</c>.</summary>
internal readonly struct MachineKey : IEquatable<MachineKey>
{
    public const int Size = 32;
    private readonly Bytes _bytes;

    public MachineKey(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Size);
        bytes.CopyTo(_bytes);
    }

    [UnscopedRef]
    public ReadOnlySpan<byte> AsSpan() => _bytes;

    public static bool operator ==(MachineKey a, MachineKey b) => a.Equals(b);

    public static bool operator !=(MachineKey a, MachineKey b) => !a.Equals(b);

    public bool Equals(MachineKey other) => CryptographicOperations.FixedTimeEquals(AsSpan(), other.AsSpan());

    public override bool Equals(object? obj) => obj is MachineKey other && Equals(other);

    public override int GetHashCode() => Unsafe.ReadUnaligned<int>(in AsSpan()[0]);

    /// <summary>Enough digits to tell machines apart in a log.</summary>
    public override string ToString() => Convert.ToHexStringLower(AsSpan()[..6]);

    [InlineArray(Size)]
    private struct Bytes
    {
        private byte _first;
    }
}
