using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Parceler.Bench;

/// <summary>Brings a service into the state whose memory is measured: sessions of many machines, and connections that do nothing.</summary>
internal static class ManyMachines
{
    /// <summary>Each machine reads an index: its session starts.</summary>
    public static async Task LeaseAsync(Uri index, int machines)
    {
        var server = new IPEndPoint(IPAddress.Parse(index.Host), index.Port);
        await Parallel.ForAsync(0, 32, async (lane, cancellation) =>
        {
            using var connection = await LoadConnection.OpenAsync(server, lane, new byte[16 << 10], cancellation);
            for (var machine = lane; machine < machines; machine += 32)
            {
                var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes(NightlyStorm.CredentialsOf(machine)));
                var request = Encoding.ASCII.GetBytes($"GET {index.AbsolutePath} HTTP/1.1\r\nHost: {index.Authority}\r\nAuthorization: Basic {credentials}\r\n\r\n");
                var (status, _) = await connection.AskAsync(request, cancellation);
                if (status != 200)
                {
                    throw new InvalidOperationException($"Machine {machine} got {status}");
                }
            }
        });
        Console.WriteLine($"{machines} sessions");
    }

    /// <summary>Opens connections, asks once on each, and leaves them open.</summary>
    public static async Task IdleAsync(Uri address, int connections, TimeSpan time)
    {
        var server = new IPEndPoint(IPAddress.Parse(address.Host), address.Port);
        var request = Encoding.ASCII.GetBytes($"GET {address.AbsolutePath} HTTP/1.1\r\nHost: {address.Authority}\r\n\r\n");
        var open = new List<LoadConnection>(connections);
        try
        {
            for (var i = 0; i < connections; i++)
            {
                open.Add(await LoadConnection.OpenAsync(server, i, new byte[1024], CancellationToken.None));
                await open[i].AskAsync(request, CancellationToken.None);
            }

            Console.WriteLine($"{connections} idle connections");
            await Task.Delay(time);
        }
        finally
        {
            open.ForEach(connection => connection.Dispose());
        }
    }
}
