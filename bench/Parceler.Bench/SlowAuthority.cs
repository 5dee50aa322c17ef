using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Parceler.Bench;

/// <summary>A licence authority that allows everybody after a while and counts: calls, machines, and how many calls were under way at once.</summary>
internal sealed class SlowAuthority(int port, TimeSpan delay) : IDisposable
{
    private static readonly byte[] s_allowed = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray();
    private readonly TcpListener _listener = new(IPAddress.Loopback, port);
    private readonly ConcurrentDictionary<string, int> _machines = new();
    private int _atOnce;
    private int _mostAtOnce;

    public int Calls => _machines.Values.Sum();

    public int Machines => _machines.Count;

    public int MostAtOnce => _mostAtOnce;

    public async Task RunAsync(CancellationToken cancellation)
    {
        _listener.Start(1024);
        while (!cancellation.IsCancellationRequested)
        {
            _ = AnswerAsync(await _listener.AcceptTcpClientAsync(cancellation), cancellation);
        }
    }

    public void Dispose() => _listener.Dispose();

    private async Task AnswerAsync(TcpClient client, CancellationToken cancellation)
    {
        using (client)
        {
            var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
            while (await reader.ReadLineAsync(cancellation) is not null)
            {
                for (string? line; (line = await reader.ReadLineAsync(cancellation)) is { Length: > 0 };)
                {
                    if (line.StartsWith("Authorization:", StringComparison.OrdinalIgnoreCase))
                    {
                        _machines.AddOrUpdate(line, 1, (_, calls) => calls + 1);
                    }
                }

                _mostAtOnce = Math.Max(_mostAtOnce, Interlocked.Increment(ref _atOnce));
                await Task.Delay(delay, cancellation);
                Interlocked.Decrement(ref _atOnce);
                await stream.WriteAsync(s_allowed, cancellation);
            }
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Calls} calls for {Machines} machines, at most {MostAtOnce} at once");
}
