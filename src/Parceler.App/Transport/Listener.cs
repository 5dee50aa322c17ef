using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace Parceler.App.Transport;

/// <summary>Takes in the connections of one address.</summary>
internal sealed class Listener : IConnectionListener, IWaitsForSocket
{
    private const int TakenInARow = 64; // then the others of this thread get their turn
    private static readonly TimeSpan s_untilFilesAreFree = TimeSpan.FromMilliseconds(100);
    private readonly Socket _socket;
    private readonly ConnectionParts _parts;
    private readonly EventLoop _loop;
    private readonly Readiness _arrived = new();
    private readonly bool _isOnAllAddresses;
    private int _taken;
    private volatile bool _isUnbound;

    public Listener(Socket socket, ConnectionParts parts)
    {
        (_socket, _parts, _loop) = (socket, parts, parts.Loops.Next());
        EndPoint = socket.LocalEndPoint!;
        _isOnAllAddresses = EndPoint is IPEndPoint { Address: var address } && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));
        _loop.Add(socket.SafeHandle, this);
    }

    public EndPoint EndPoint { get; }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (!_isUnbound)
        {
            var error = TryAccept(out var connection);
            if (connection is not null)
            {
                if (++_taken % TakenInARow == 0)
                {
                    await Http.ReceivingThread.Leave();
                }

                return connection;
            }

            await AfterAsync(error);
        }

        return null;
    }

    /// <summary>Takes in no more; the connections go on.</summary>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        if (!_isUnbound)
        {
            _isUnbound = true;
            _loop.Remove(_socket.SafeHandle, this);
            _socket.Dispose();
            _arrived.Signal(onOtherThread: true);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    public void OnReady(bool toRead, bool toWrite, bool hasEnded) => _arrived.Signal();

    private unsafe int TryAccept(out Connection? connection)
    {
        var address = stackalloc byte[PeerAddress.Longest];
        var length = PeerAddress.Longest;
        connection = null;
        try
        {
            var number = LibC.Accept(_socket.SafeHandle, address, &length, LibC.NonBlockingCloseOnExec);
            if (number < 0)
            {
                return Marshal.GetLastPInvokeError();
            }

            var socket = new SocketHandle(number);
            var here = _isOnAllAddresses ? PeerAddress.OfThisEnd(socket) : EndPoint;
            connection = new(socket, _parts, here, PeerAddress.Parse(new(address, Math.Min(length, PeerAddress.Longest))));
            return 0;
        }
        catch (ObjectDisposedException)
        {
            return 0; // unbound meanwhile
        }
    }

    private Task AfterAsync(int error) =>
        error switch
        {
            LibC.TryAgain => _arrived.WaitAsync(onOtherThread: true).AsTask(), // the server hands each connection to the thread pool: those threads find it in their own queue
            LibC.TooManyFilesHere or LibC.TooManyFiles or LibC.NoBuffers or LibC.NoMemory => Task.Delay(s_untilFilesAreFree, _parts.Clock, CancellationToken.None),
            _ => Task.CompletedTask, // the client went away before its turn
        };
}
