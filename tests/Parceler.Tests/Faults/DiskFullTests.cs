using System.Security.Cryptography;
using Parceler.Tests.Support;

namespace Parceler.Tests.Faults;

/// <summary>The disk of the storage is full: syncs fail and say so, downloads go on, and with room again everything does.</summary>
[Trait("Speed", "slow")]
public sealed class DiskFullTests : IDisposable
{
    private readonly SmallDisk _disk = new(megabytes: 24);
    private readonly InstalledParceler _parceler;

    public DiskFullTests() => _parceler = new(storage: _disk.Storage);

    public void Dispose()
    {
        _parceler.Dispose();
        _disk.Dispose();
    }

    [Theory]
    [InlineData(14)] // the source fits, its blobs do not
    [InlineData(40)] // not even the source
    public async Task A_sync_that_finds_no_room_says_so_and_the_served_snapshot_stays(int megabytes)
    {
        await using var service = await StartSyncedAsync();
        File.WriteAllBytes(_parceler.Folder["upstream/large"], RandomNumberGenerator.GetBytes(megabytes << 20));

        var failed = await _parceler.RunAsync("repository", "sync", "demo", "--wait");

        failed.Status.Should().Be(1);
        failed.Error.Should().MatchRegex("No space left on device|not enough space on the disk|disk is full");
        (await _parceler.ReadAsync("demo", "a")).Should().Be("old");
        await ShouldSyncAgainAsync(makeRoom: () => File.Delete(_parceler.Folder["upstream/large"]));
    }

    [Fact]
    public async Task A_database_that_cannot_be_written_fails_commands_and_no_download()
    {
        await using var service = await StartSyncedAsync();
        await FillAsync();

        var refused = await _parceler.RunAsync("repository", "sync", "demo");

        refused.Status.Should().Be(1);
        refused.Error.Should().Contain("full").And.NotContain("   at ");
        for (var second = 0; second < 6; second++) // what the service writes by itself fails meanwhile
        {
            (await _parceler.ReadAsync("demo", "a")).Should().Be("old");
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        service.IsOver.Should().BeFalse();
        await ShouldSyncAgainAsync(_disk.MakeRoom);
    }

    [Fact]
    public async Task A_job_whose_end_cannot_be_written_is_not_stuck()
    {
        await using var service = await StartSyncedAsync();
        var (running, go) = (_parceler.Folder["running"], _parceler.Folder["go"]);
        await _parceler.DoneAsync("repository", "edit", "demo", "--command", $": > {running}; while [ ! -e {go} ]; do sleep 0.1; done; cp {_parceler.Folder["upstream"]}/* source/demo/");
        await _parceler.DoneAsync("repository", "sync", "demo");
        await Wait.UntilAsync(() => File.Exists(running), "the command runs");
        await FillAsync();

        File.WriteAllText(go, "");
        await service.UntilLoggedAsync("full");

        await ShouldSyncAgainAsync(_disk.MakeRoom);
    }

    private async Task<RunningParceler> StartSyncedAsync()
    {
        var upstream = _parceler.Folder["upstream"];
        _parceler.Folder.Write("upstream/a", "old");
        await _parceler.DoneAsync("repository", "create", "demo", "--command", $"rm -f source/demo/*; cp {upstream}/* source/demo/", "--delay", "0", "--no-sync");
        await _parceler.AddMachineAsync();
        var service = await _parceler.StartAsync("serve");
        await _parceler.DoneAsync("repository", "sync", "demo", "--wait");
        await Wait.UntilAsync(async () => await _parceler.ReadAsync("demo", "a") == "old", "the first snapshot is served");
        return service;
    }

    // Without its reserve, and without room in its log that it could use again, the database can't write a thing.
    private async Task FillAsync()
    {
        var database = Path.Combine(_disk.Storage, "database.sqlite");
        await Wait.UntilAsync(
            async () =>
            {
                (await new RealClient(_parceler.Folder.Path).RunAsync("sqlite3", database, "pragma busy_timeout = 5000; pragma wal_checkpoint(truncate)")).Succeeded();
                File.Delete(database + "-reserve");
                _disk.Fill();
                return new FileInfo(database + "-wal").Length == 0;
            },
            "the disk is full and the database's log empty"
        );
    }

    private async Task ShouldSyncAgainAsync(Action makeRoom)
    {
        makeRoom();
        _parceler.Folder.Write("upstream/a", "new");
        await Wait.UntilAsync(async () => (await _parceler.RunAsync("repository", "sync", "demo", "--wait")).Status == 0, "a sync succeeds");
        await Wait.UntilAsync(async () => await _parceler.ReadAsync("demo", "a") == "new", "what it brought is served");
        await _parceler.DoneAsync("verify");
        Directory.EnumerateFileSystemEntries(Path.Combine(_disk.Storage, "staging")).Should().BeEmpty();
    }
}
