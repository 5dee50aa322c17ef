using System.Net;
using System.Net.Sockets;

namespace Parceler.Tests.Support;

/// <summary>A port that nobody listens on, for a server that can't say which one it took.</summary>
internal static class FreePort
{
    public static int Find()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
