using System.Security.Cryptography;
using Parceler.Tests.Support;

namespace Parceler.Tests.Faults;

/// <summary>SIGTERM in the middle of a download and of a sync: the service ends in good order.</summary>
[Collection(nameof(Alone))]
[Trait("Speed", "slow")]
public sealed class CleanShutdownTests : IDisposable
{
    private const int Size = 64 << 20;
    private readonly InstalledParceler _parceler = new();

    public void Dispose() => _parceler.Dispose();

    [Fact]
    public async Task A_download_finishes_and_a_sync_goes_back_to_the_queue()
    {
        await using var service = await StartAsync();
        var job = await BeginSyncAsync();
        using var download = await BeginDownloadAsync();

        service.Terminate();
        var bytes = await ReadAsync(download, TimeSpan.FromSeconds(2));

        (await service.ExitAsync()).Should().Be(0);
        bytes.Should().Be(Size);
        await ShouldRunAgainAsync(job);
    }

    [Fact]
    public async Task A_download_that_takes_too_long_keeps_no_job_from_going_back_to_the_queue()
    {
        await using var service = await StartAsync();
        var job = await BeginSyncAsync();
        using var download = await BeginDownloadAsync(); // and nobody reads on

        service.Terminate();

        (await service.ExitAsync()).Should().Be(0);
        await ShouldRunAgainAsync(job);
    }

    // The first sync is quick; each later one waits once, for longer than any test does.
    private async Task<RunningParceler> StartAsync()
    {
        File.WriteAllBytes(_parceler.Folder["large"], RandomNumberGenerator.GetBytes(Size));
        var (large, slow) = (_parceler.Folder["large"], _parceler.Folder["slow"]);
        await _parceler.DoneAsync("repository", "create", "demo", "--command", $"if [ -e {slow} ]; then rm {slow}; sleep 1200; fi; cp {large} source/demo/large", "--no-sync");
        await _parceler.AddMachineAsync();
        var service = await _parceler.StartAsync("serve");
        await _parceler.DoneAsync("repository", "sync", "demo", "--wait");
        return service;
    }

    private async Task<long> BeginSyncAsync()
    {
        var slow = _parceler.Folder.Write("slow", "");
        await _parceler.DoneAsync("repository", "sync", "demo");
        await Wait.UntilAsync(() => !File.Exists(slow), "the command runs");
        return (await _parceler.LastJobAsync()).GetProperty("id").GetInt64();
    }

    private async Task<HttpResponseMessage> BeginDownloadAsync()
    {
        using var client = _parceler.Client();
        var answer = await client.GetAsync("/repository/community/demo/large", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        return answer.EnsureSuccessStatusCode();
    }

    // In even pieces, over about this time.
    private static async Task<long> ReadAsync(HttpResponseMessage download, TimeSpan time)
    {
        const int Pieces = 32;
        await using var body = await download.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var piece = new byte[Size / Pieces];
        long bytes = 0;
        for (var read = 1; read > 0; bytes += read)
        {
            read = await body.ReadAtLeastAsync(piece, piece.Length, throwOnEndOfStream: false, TestContext.Current.CancellationToken);
            await Task.Delay(time / Pieces, TimeProvider.System, TestContext.Current.CancellationToken);
        }

        return bytes;
    }

    private async Task ShouldRunAgainAsync(long id)
    {
        var job = await _parceler.JobAsync(id);
        (job.GetProperty("state").GetString(), job.GetProperty("tries").GetInt32()).Should().Be(("waiting", 0));
        await using var next = await _parceler.StartAsync("serve");
        await Wait.UntilAsync(async () => (await _parceler.JobAsync(id)).GetProperty("state").GetString() == "succeeded", "the job runs again");
        (await _parceler.JobAsync(id)).GetProperty("tries").GetInt32().Should().Be(1);
    }
}
