using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Parceler.Tests.Support;

/// <summary>A connection on which a test sends what no decent client would, and reads as slowly as it likes.</summary>
internal sealed partial class RawConnection : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly List<byte> _read = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="from">An address of this machine: all of 127.0.0.0/8 are.</param>
    public static async Task<RawConnection> OpenAsync(Uri server, string from = "127.0.0.1", int? receiveBuffer = null)
    {
        var connection = new RawConnection();
        connection._socket.ReceiveBufferSize = receiveBuffer ?? connection._socket.ReceiveBufferSize;
        connection._socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await connection._socket.ConnectAsync(server.Host, server.Port, Cancellation);
        return connection;
    }

    /// <summary>Opens one, sends everything, reads until the server closes or says no more for a while.</summary>
    /// <returns>The status of each answer, in order.</returns>
    public static async Task<List<int>> ExchangeAsync(Uri server, string text)
    {
        using var connection = await OpenAsync(server);
        await connection.SendAsync(text);
        return await connection.RestAsync();
    }

    /// <param name="text">Its characters are the bytes.</param>
    public async Task SendAsync(string text) => await _socket.SendAsync(Encoding.Latin1.GetBytes(text), Cancellation);

    /// <summary>Sends as much as the server takes in a time; it may close meanwhile.</summary>
    public async Task TrySendAsync(ReadOnlyMemory<byte> bytes, TimeSpan time)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        end.CancelAfter(time);
        try
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await _socket.SendAsync(bytes, end.Token)..];
            }
        }
        catch (Exception e) when ((e is OperationCanceledException && !Cancellation.IsCancellationRequested) || e is SocketException)
        {
            // enough
        }
    }

    /// <summary>Reads one answer to its end: the status, and the headers as they came.</summary>
    public async Task<(int Status, string Head)> ReadAsync()
    {
        while (true)
        {
            var text = Encoding.Latin1.GetString([.. _read]);
            if (text.IndexOf("\r\n\r\n", StringComparison.Ordinal) is >= 0 and var end && text.Length >= end + 4 + LengthOf(text[..end]))
            {
                _read.RemoveRange(0, end + 4 + LengthOf(text[..end]));
                return (int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture), text[..end]);
            }

            if (await ReceiveAsync(s_patience) == 0)
            {
                throw new IOException($"The connection ended after '{text}'");
            }
        }
    }

    /// <summary>The status of each answer until the server closes, or is quiet for a second.</summary>
    public async Task<List<int>> RestAsync()
    {
        try
        {
            while (await ReceiveAsync(TimeSpan.FromSeconds(1)) > 0) { }
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
            // quiet
        }

        return [.. StatusLine().Matches(Encoding.Latin1.GetString([.. _read])).Select(line => int.Parse(line.Groups[1].ValueSpan, CultureInfo.InvariantCulture))];
    }

    /// <summary>Whether the server has closed it.</summary>
    public bool IsClosed()
    {
        try
        {
            return _socket.Poll(0, SelectMode.SelectRead) && _socket.Available == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    /// <summary>Whether something has come that was not read.</summary>
    public bool HasSome() => _socket.Available > 0;

    public void Dispose() => _socket.Dispose();

    [GeneratedRegex(@"HTTP/1\.1 (\d{3}) ")]
    private static partial Regex StatusLine();

    private static int LengthOf(string head)
    {
        const string Name = "content-length: ";
        var lengths = head.Split("\r\n").Where(line => line.StartsWith(Name, StringComparison.OrdinalIgnoreCase)).Select(line => int.Parse(line.AsSpan(Name.Length), CultureInfo.InvariantCulture));
        return lengths.SingleOrDefault();
    }

    private async Task<int> ReceiveAsync(TimeSpan patience)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        end.CancelAfter(patience);
        var buffer = new byte[16 << 10];
        try
        {
            var count = await _socket.ReceiveAsync(buffer, end.Token);
            _read.AddRange(buffer.AsSpan(0, count));
            return count;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            return 0;
        }
    }
}
