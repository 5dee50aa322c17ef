namespace Parceler.App.Transport;

/// <summary>
/// Takes what a client still sends after its answer, for a moment: closed over unread bytes, a connection is reset, and the answer, such as
/// the one that the request was too long, may never be seen.
/// </summary>
internal static class Leftovers
{
    private const int Most = 1 << 20;
    private static readonly TimeSpan s_moment = TimeSpan.FromSeconds(1);

    public static async Task TakeAsync(Connection connection, TimeProvider clock)
    {
        connection.Socket.Shutdown(LibC.ShutdownWriting);
        using var moment = new CancellationTokenSource(s_moment, clock);
        using var registration = moment.Token.UnsafeRegister(static connection => ((Connection)connection!).ToRead.Signal(onOtherThread: true), connection);
        var buffer = new byte[16 << 10];
        for (var taken = 0; taken < Most && !moment.IsCancellationRequested;)
        {
            var count = connection.Socket.Receive(buffer);
            if (count == -LibC.TryAgain)
            {
                connection.Register();
                await connection.ToRead.WaitAsync(onOtherThread: true);
            }
            else if (count <= 0)
            {
                return;
            }
            else
            {
                taken += count;
            }
        }
    }
}
