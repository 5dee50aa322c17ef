using System.Diagnostics;
using Parceler.Tests.Support;

namespace Parceler.Tests.Faults;

/// <summary>SIGKILL of the whole service at many moments of a sync: afterwards it serves the old state or the new one, and the sync runs again.</summary>
[Trait("Speed", "slow")]
public sealed class KilledSyncTests : IDisposable
{
    private const int Files = 1000;
    private static readonly TimeSpan s_budget = TimeSpan.FromSeconds(15);
    private readonly InstalledParceler _parceler = new();
    private readonly StampedRepository _repository;
    private readonly Stopwatch _watch = new();

    public KilledSyncTests() => _repository = new(_parceler, Files);

    public void Dispose() => _parceler.Dispose();

    [Fact]
    public async Task A_kill_at_any_moment_of_a_sync_leaves_the_old_state_or_the_new()
    {
        _parceler.Environment["DELIVERY_GRACE_HOURS"] = "0";
        await _repository.CreateAsync(delay: 0);
        var service = await _parceler.StartAsync("serve");
        await SyncAsync();
        var whole = await SyncAsync();

        var budget = Stopwatch.StartNew();
        for (var kills = 1; kills <= 3 || budget.Elapsed < s_budget; kills++)
        {
            service = await KillAsync(service, whole * MomentOf(kills));
        }

        await ShouldBeCleanAsync();
        await service.DisposeAsync();
    }

    // 1/2, 1/4, 3/4, 1/8 ...: however many fit into the time, they are spread over the whole sync.
    private static double MomentOf(int number)
    {
        double moment = 0;
        for (var part = 0.5; number > 0; number >>= 1, part /= 2)
        {
            moment += part * (number & 1);
        }

        return moment;
    }

    private async Task<TimeSpan> SyncAsync()
    {
        _repository.BeginGeneration();
        await _parceler.DoneAsync("repository", "sync", "demo");
        await _repository.UntilCommandRunsAsync();
        _watch.Restart();
        await _repository.UntilServedAsync();
        return _watch.Elapsed;
    }

    private async Task<RunningParceler> KillAsync(RunningParceler service, TimeSpan moment)
    {
        var because = $"the service was killed {moment.TotalMilliseconds:F0} ms after the command began";
        _repository.BeginGeneration();
        await _parceler.DoneAsync("repository", "sync", "demo");
        await _repository.UntilCommandRunsAsync();
        await Task.Delay(moment, TimeProvider.System, TestContext.Current.CancellationToken);
        await service.KillAsync();
        await service.DisposeAsync();

        await using (await _parceler.StartAsync("web")) // without a worker: the state as the kill left it
        {
            (await _repository.ServedAsync(because)).Should().BeInRange(_repository.Generation - 1, _repository.Generation, because);
            await _parceler.DoneAsync("verify");
        }

        var next = await _parceler.StartAsync("serve");
        await _repository.UntilServedAsync(); // the sync runs again by itself
        (await _repository.ServedAsync(because)).Should().Be(_repository.Generation, because);
        return next;
    }

    // What the kills left behind is the collector's, and it takes all of it: two passes, and two days for what was in the making.
    private async Task ShouldBeCleanAsync()
    {
        await _repository.UntilIdleAsync();
        foreach (var left in new DirectoryInfo(_parceler.Folder["storage/staging"]).EnumerateFileSystemInfos())
        {
            left.LastWriteTimeUtc -= TimeSpan.FromDays(3);
        }

        await _parceler.DoneAsync("gc", "--wait");
        await _parceler.DoneAsync("gc", "--wait");

        await _parceler.DoneAsync("verify");
        Directory.EnumerateFileSystemEntries(_parceler.Folder["storage/staging"]).Should().BeEmpty();
        var stored = Directory.EnumerateFiles(_parceler.Folder["storage/blobs"], "*", SearchOption.AllDirectories).Select(path => Path.GetFileName(path));
        stored.Order(StringComparer.Ordinal).Should().Equal((await NamedBySnapshotsAsync()).Order(StringComparer.Ordinal));
    }

    // A sync that runs again after a kill may find what the one before it stored: two snapshots of one content.
    private async Task<HashSet<string>> NamedBySnapshotsAsync()
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var snapshot in (await _parceler.DoneAsync("repository", "snapshots", "demo", "--json")).Json.EnumerateArray())
        {
            var files = (await _parceler.DoneAsync("repository", "files", "demo", $"snapshots/demo/{snapshot.GetProperty("instant").GetString()}", "--json")).Json;
            files.GetArrayLength().Should().Be(Files);
            named.UnionWith(files.EnumerateArray().Select(file => file.GetProperty("sha256").GetString()!));
        }

        return named;
    }
}
