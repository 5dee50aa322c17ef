using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Parceler.Bench;

/// <summary>A connection as a machine opens it, from an address of its own, with as little work as an answer takes: the generator must not be what is measured.</summary>
internal sealed class LoadConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer;

    private LoadConnection(byte[] buffer) => _buffer = buffer;

    /// <param name="machine">The number of the machine: 127.x.y.z is its address.</param>
    /// <param name="buffer">Of the machine, for one answer after the other.</param>
    public static async Task<LoadConnection> OpenAsync(IPEndPoint server, int machine, byte[] buffer, CancellationToken cancellation)
    {
        var connection = new LoadConnection(buffer);
        try
        {
            connection._socket.Bind(new IPEndPoint(AddressOf(machine), 0));
            await connection._socket.ConnectAsync(server, cancellation);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Sends a request and reads its answer to the end.</summary>
    /// <returns>The status, and the bytes of the body.</returns>
    public async Task<(int Status, long Bytes)> AskAsync(ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        await _socket.SendAsync(request, cancellation);
        var read = 0;
        int end;
        do
        {
            var count = await _socket.ReceiveAsync(_buffer.AsMemory(read), cancellation);
            if (count == 0)
            {
                throw new IOException("The connection was closed before the answer");
            }

            read += count;
            end = _buffer.AsSpan(0, read).IndexOf("\r\n\r\n"u8);
        } while (end < 0);

        var head = Encoding.Latin1.GetString(_buffer, 0, end);
        var (status, length) = (int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture), LengthOf(head));
        for (long body = read - end - 4; body < length;)
        {
            var count = await _socket.ReceiveAsync(_buffer, cancellation);
            body += count > 0 ? count : throw new IOException("The connection was closed inside of an answer");
        }

        return (status, length);
    }

    public void Dispose() => _socket.Dispose();

    private static IPAddress AddressOf(int machine) => new([127, (byte)(1 + (machine >> 16)), (byte)(machine >> 8), (byte)machine]);

    private static long LengthOf(string head)
    {
        const string Name = "\r\nContent-Length: ";
        var at = head.IndexOf(Name, StringComparison.OrdinalIgnoreCase);
        var rest = at < 0 ? "0" : head.AsSpan(at + Name.Length);
        var end = rest.IndexOf('\r');
        return long.Parse(end < 0 ? rest : rest[..end], CultureInfo.InvariantCulture);
    }
}
