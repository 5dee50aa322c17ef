using Microsoft.AspNetCore.Connections.Features;

namespace Parceler.App.Transport;

/// <summary>
/// Ends a connection whose client takes next to nothing of what it asked for. The web server's own limit counts no bytes that are
/// advanced (it would end a download that takes longer than its grace of 5 s between two flushes).
/// </summary>
internal sealed class Pace
{
    private const int Seconds = 30; // a lost network may come back
    private const int LeastBytes = 240 * Seconds; // the rate that the web server asks for
    private readonly Connection _connection;
    private readonly ConnectionWriter _writer;
    private long _taken;
    private int _waited;

    private Pace(Connection connection, ConnectionWriter writer) => (_connection, _writer) = (connection, writer);

    /// <summary>Begins on another thread: the server's lists are locked while it looks after connections, and so is what flushes.</summary>
    public static void Watch(Connection connection, ConnectionWriter writer) =>
        ThreadPool.UnsafeQueueUserWorkItem(static pace => pace.Begin(), new Pace(connection, writer), preferLocal: false);

    private void Begin() => _connection.Features.Get<IConnectionHeartbeatFeature>()?.OnHeartbeat(static pace => ((Pace)pace).Look(), this); // every second

    private void Look()
    {
        if (!_writer.IsWaiting)
        {
            _waited = 0;
        }
        else if (_waited++ % Seconds == 0)
        {
            var taken = _writer.Sent - _connection.Socket.Unsent;
            if (_waited > 1 && taken - _taken < LeastBytes)
            {
                _connection.Break();
            }

            _taken = taken;
        }
    }
}
