using Microsoft.AspNetCore.Connections.Features;

namespace Parceler.App.Transport;

/// <summary>
/// Ends a connection whose client takes next to nothing of what it asked for. The web server's own limit counts no bytes that are
/// advanced: it would end a download that takes longer than its grace of 5 s between two flushes.
/// </summary>
internal sealed class Pace
{
    public const int Seconds = 30; // a lost network may come back
    public const int LeastBytes = 240 * Seconds; // the rate that the web server asks for
    private long _taken;
    private int _waited;

    /// <summary>Begins on another thread: the server's lists are locked while it looks after connections, and so is what flushes.</summary>
    public static void Watch(Connection connection, ConnectionWriter writer) =>
        ThreadPool.UnsafeQueueUserWorkItem(
            static watched => watched.Connection.Features.Get<IConnectionHeartbeatFeature>()?.OnHeartbeat(static watched => ((Watched)watched).Look(), watched), // every second
            new Watched(connection, writer),
            preferLocal: false
        );

    /// <summary>Once a second.</summary>
    /// <param name="isWaiting">The client has to read before more can be sent.</param>
    /// <param name="taken">Bytes that it has taken since the connection began.</param>
    /// <returns>Whether it is too slow.</returns>
    public bool IsTooSlow(bool isWaiting, long taken)
    {
        if (!isWaiting)
        {
            _waited = 0;
            return false;
        }

        if (_waited++ % Seconds != 0)
        {
            return false;
        }

        var before = _taken;
        _taken = taken;
        return _waited > 1 && taken - before < LeastBytes;
    }

    private sealed record Watched(Connection Connection, ConnectionWriter Writer)
    {
        private readonly Pace _pace = new();

        public void Look()
        {
            if (_pace.IsTooSlow(Writer.IsWaiting, Writer.Sent - Connection.Socket.Unsent))
            {
                Connection.Socket.ResetAtClose(); // else the system would keep the bytes for a reader that never comes
                Connection.Break();
            }
        }
    }
}
