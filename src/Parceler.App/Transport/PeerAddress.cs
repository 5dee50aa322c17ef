using System.Buffers.Binary;
using System.Net;

namespace Parceler.App.Transport;

/// <summary>Addresses as the system writes them (struct sockaddr).</summary>
internal static unsafe class PeerAddress
{
    public const int Longest = 128;
    private const ushort V4 = 2; // AF_INET
    private const ushort V6 = 10; // AF_INET6
    private const int ShortestV4 = 16;
    private const int ShortestV6 = 28;

    /// <summary>Null for what has none, such as the client of a socket in a folder.</summary>
    public static IPEndPoint? Parse(ReadOnlySpan<byte> address)
    {
        if (address.Length < ShortestV4)
        {
            return null;
        }

        var port = BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
        return BitConverter.ToUInt16(address) switch
        {
            V4 => new(new IPAddress(address.Slice(4, 4)), port),
            V6 when address.Length >= ShortestV6 => new(new IPAddress(address.Slice(8, 16), BitConverter.ToUInt32(address[24..])), port),
            _ => null,
        };
    }

    /// <summary>Where a connection came in, when it is listened on all addresses.</summary>
    public static IPEndPoint? OfThisEnd(SocketHandle socket)
    {
        var address = stackalloc byte[Longest];
        var length = Longest;
        return LibC.GetLocalAddress(socket, address, &length) == 0 ? Parse(new(address, Math.Min(length, Longest))) : null;
    }
}
