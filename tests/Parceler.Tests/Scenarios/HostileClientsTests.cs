using System.Text;
using Parceler.Tests.Support;

namespace Parceler.Tests.Scenarios;

/// <summary>Clients that hold what the service gives them, by the hundred. It stays within its memory and answers the others meanwhile.</summary>
[Trait("Speed", "slow")]
public sealed class HostileClientsTests : IDisposable
{
    private const string Image = "/repository/community/netsec/image.bin";
    private const long MostMemory = 400L << 20;
    private static readonly string s_machine = $"Authorization: {RawRequest.Basic(InstalledParceler.Machine, InstalledParceler.Secret)}\r\n";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(4); // clients give up after five
    private readonly InstalledParceler _parceler = new();
    private readonly List<RawConnection> _open = [];

    public void Dispose()
    {
        _open.ForEach(connection => connection.Dispose());
        _parceler.Dispose();
    }

    [Fact]
    public async Task Connections_that_do_nothing() => await SurviveAsync(2000, _ => "");

    [Fact]
    public async Task Requests_that_do_not_end() => await SurviveAsync(1000, i => $"GET {Image} HTTP/1.1\r\nHost: x\r\nX-Part: {new string('x', i % 1000)}");

    [Fact]
    public async Task Headers_beyond_measure() =>
        await SurviveAsync(300, i => $"GET {Image} HTTP/1.1\r\nHost: x\r\n" + string.Concat(Enumerable.Range(0, 100).Select(n => $"X-{n}: {new string((char)('a' + (i % 26)), 4000)}\r\n")) + "\r\n");

    [Fact]
    public async Task Large_files_that_nobody_reads() => await SurviveAsync(300, _ => $"GET {Image} HTTP/1.1\r\nHost: x\r\n{s_machine}\r\n");

    [Fact]
    public async Task Small_files_that_nobody_reads_asked_for_in_one_go() =>
        await SurviveAsync(100, _ => string.Concat(Enumerable.Repeat($"GET {Image[..^9]}small.bin HTTP/1.1\r\nHost: x\r\n{s_machine}\r\n", 200)));

    [Fact]
    public async Task Refusals_that_nobody_reads_asked_for_in_one_go() =>
        await SurviveAsync(100, _ => string.Concat(Enumerable.Repeat($"GET {Image} HTTP/1.1\r\nHost: x\r\n\r\n", 3_000)));

    private async Task SurviveAsync(int count, Func<int, string> sent)
    {
        await using var running = await StartAsync();
        var sending = Task.WhenAll(Enumerable.Range(0, count).Select(i => HoldAsync($"127.2.{i / 200}.{1 + (i % 200)}", sent(i))));
        var (times, most) = (new List<TimeSpan>(), 0L);
        for (var round = 0; round < 40; round++)
        {
            var began = TimeProvider.System.GetTimestamp();
            var answer = await RawRequest.SendAsync(running.Address, "GET", Image[..^9] + "small.bin", ("Authorization", RawRequest.Basic(InstalledParceler.Machine, InstalledParceler.Secret)));
            var took = TimeProvider.System.GetElapsedTime(began);
            answer.Status.Should().Be(200);
            times.Add(took);
            most = Math.Max(most, running.Resident);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        await sending;
        times.Count(took => took > s_patience).Should().BeLessThan(5, "the others go on, but for a hiccup at the beginning");
        most.Should().BeLessThan(MostMemory);
        TestContext.Current.TestOutputHelper?.WriteLine($"longest answer {times.Max().TotalMilliseconds:0} ms, {most >> 20} MB");
        running.Log.Should().NotContainAny("error ", "alert ", "   at ");
    }

    private async Task<RunningParceler> StartAsync()
    {
        _parceler.Environment["DELIVERY_REQUESTS_PER_MACHINE"] = "1000"; // one machine stands for many
        var image = new byte[20 << 20];
        new Random(7).NextBytes(image);
        await File.WriteAllBytesAsync(_parceler.Folder.Write("upstream/image.bin", ""), image, TestContext.Current.CancellationToken);
        _parceler.Folder.Write("upstream/small.bin", new string('x', 60_000));
        await _parceler.DoneAsync("repository", "create", "netsec", "--command", $"cp -a '{_parceler.Folder["upstream"]}/.' source/netsec/", "--no-sync");
        await _parceler.DoneAsync("machine", "add", InstalledParceler.Machine, "--tier", "community", "--secret", InstalledParceler.Secret);
        var running = await _parceler.StartAsync("serve");
        await _parceler.DoneAsync("repository", "sync", "netsec", "--wait");
        return running;
    }

    // Sends what the server takes of it, reads nothing, and stays.
    private async Task HoldAsync(string from, string sent)
    {
        var connection = await RawConnection.OpenAsync(_parceler.Address, from, receiveBuffer: 4096);
        lock (_open)
        {
            _open.Add(connection);
        }

        await connection.TrySendAsync(Encoding.Latin1.GetBytes(sent), TimeSpan.FromSeconds(3));
    }
}
