using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Parceler.App.Transport;

/// <summary>Brings connections to the web server, in place of its own sockets (docs/decisions/0011).</summary>
internal sealed class ListenerFactory(IMemoryPoolFactory<byte> memory) : IConnectionListenerFactory, IDisposable
{
    private const int Backlog = 4096; // a whole fleet at once; the system may allow less
    private readonly Lazy<ConnectionParts> _parts = new(() => new(new(), memory.Create(), TimeProvider.System));

    /// <exception cref="AddressInUseException"/>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var socket = Bind(endpoint);
        socket.Blocking = false;
        if (endpoint is IPEndPoint)
        {
            socket.NoDelay = true; // connections inherit it
        }

        socket.Listen(Backlog);
        return ValueTask.FromResult<IConnectionListener>(new Listener(socket, _parts.Value));
    }

    public void Dispose()
    {
        if (_parts.IsValueCreated)
        {
            _parts.Value.Loops.Dispose();
            _parts.Value.Memory.Dispose();
        }
    }

    private static Socket Bind(EndPoint endpoint)
    {
        try
        {
            return SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(e.Message, e);
        }
    }
}
