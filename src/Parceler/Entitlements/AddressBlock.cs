using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Parceler.Entitlements;

/// <summary>Where requests come from, as far as one client can't change it at will: an IPv4 address, or the /64 that an IPv6 customer has as a rule.</summary>
internal readonly record struct AddressBlock(AddressFamily Family, ulong Network)
{
    public static AddressBlock Of(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address is null || !(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).TryWriteBytes(bytes, out var size))
        {
            return default; // a local socket: all who come through it are one
        }

        return size == 4 ? new(AddressFamily.InterNetwork, BinaryPrimitives.ReadUInt32BigEndian(bytes)) : new(AddressFamily.InterNetworkV6, BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }

    // Seeded per process: who chooses addresses must not aim at one place of a table.
    public override int GetHashCode() => HashCode.Combine(Family, Network);
}
