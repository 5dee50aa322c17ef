using Parceler.Tests.Support;

namespace Parceler.Tests.Faults;

/// <summary>Two processes that run jobs of one storage, and many that ask for the same sync at once.</summary>
[Trait("Speed", "slow")]
public class TwoWorkersTests : IDisposable
{
    private const int Rounds = 4;
    private readonly InstalledParceler _parceler = new();

    public void Dispose() => _parceler.Dispose();

    [Fact]
    public async Task One_sync_of_a_repository_runs_at_a_time_and_no_request_is_lost()
    {
        var (runs, wanted) = (_parceler.Folder["runs"], _parceler.Folder["wanted"]);
        await _parceler.DoneAsync("repository", "create", "demo", "--command", $"echo begin >> {runs}; cp {wanted} source/demo/file; sleep 0.2; echo end >> {runs}", "--delay", "0", "--no-sync");
        await _parceler.AddMachineAsync();
        await using var web = await _parceler.StartAsync("web");
        await using var one = await _parceler.StartAsync("worker");
        await using var other = await _parceler.StartAsync("worker");

        for (var round = 1; round <= Rounds; round++)
        {
            _parceler.Folder.Write("wanted", $"{round}");
            var asked = Enumerable.Range(0, 5).Select(i => _parceler.RunAsync("repository", i % 2 == 0 ? "sync" : "release", "demo", "--wait"));
            (await Task.WhenAll(asked)).Should().AllSatisfy(run => run.Status.Should().Be(0, run.Error));
            (await _parceler.ReadAsync("demo", "file")).Should().Be($"{round}", "the last run began after it was asked for");
        }

        File.ReadAllLines(runs).Chunk(2).Should().AllSatisfy(run => run.Should().Equal("begin", "end")).And.HaveCountGreaterThan(2 * Rounds - 1);
        one.Lines.Concat(other.Lines).Should().Contain(line => line.Contains("succeeded", StringComparison.Ordinal));
        await _parceler.DoneAsync("verify");
    }
}
