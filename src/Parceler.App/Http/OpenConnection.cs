using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Parceler.Entitlements;

namespace Parceler.App.Http;

/// <summary>One open connection, as far as it matters who has to give way.</summary>
internal sealed class OpenConnection(ConnectionContext connection)
{
    private const int Tcp = 6; // IPPROTO_TCP
    private const int TcpInfo = 11; // TCP_INFO
    private const int LastDataSent = 44; // offsets in struct tcp_info: the same on every architecture
    private const int LastDataReceived = 52;
    private readonly long _since = TimeProvider.System.GetTimestamp();

    public AddressBlock From { get; } = AddressBlock.Of((connection.RemoteEndPoint as IPEndPoint)?.Address);

    /// <summary>It came when there were as many as may be.</summary>
    public bool IsExcess { get; set; }

    /// <summary>For how long nothing went over it, in either direction; the kernel knows. Elsewhere since it is open.</summary>
    public TimeSpan Idle()
    {
        Span<byte> info = stackalloc byte[64];
        try
        {
            if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket && socket.GetRawSocketOption(Tcp, TcpInfo, info) >= LastDataReceived + sizeof(uint))
            {
                return TimeSpan.FromMilliseconds(Math.Min(Number(info[LastDataSent..]), Number(info[LastDataReceived..])));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or NotSupportedException)
        {
            // it is being closed, or no TCP
        }

        return TimeProvider.System.GetElapsedTime(_since);
    }

    public void Close() => connection.Abort();

    private static uint Number(ReadOnlySpan<byte> bytes) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
