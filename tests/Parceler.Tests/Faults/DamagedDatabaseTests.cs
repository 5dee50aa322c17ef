using Parceler.Tests.Support;

namespace Parceler.Tests.Faults;

/// <summary>A database file that is damaged: the service refuses to start on it and says how to rebuild it.</summary>
[Trait("Speed", "slow")]
public sealed class DamagedDatabaseTests : IDisposable
{
    private readonly InstalledParceler _parceler = new();

    private string Database => Path.Combine(_parceler.Storage, "database.sqlite");

    public void Dispose() => _parceler.Dispose();

    [Theory]
    [InlineData("its header is overwritten", 0, 4096)]
    [InlineData("its tables are overwritten", 4096, 40_000)]
    [InlineData("one page is overwritten", 8192, 4096)]
    [InlineData("it is cut in half", -1, 0)]
    public async Task A_damaged_database_is_refused_and_rebuilt_from_the_storage(string damage, int from, int bytes)
    {
        var before = await FillAsync();
        Damage(from, bytes);

        var refused = await _parceler.RunAsync("serve");
        refused.Status.Should().Be(1, damage);
        (refused.Out + refused.Error).Should().Contain("parceler recover").And.NotContain("   at ", damage);

        (await _parceler.DoneAsync("recover")).Out.Should().Contain("Recovered 2 repositories with 3 snapshots, and 1 machines");
        await using var service = await _parceler.StartAsync("serve");
        (await StateAsync()).Should().Be(before, damage);
        await _parceler.DoneAsync("repository", "sync", "free", "--wait");
        Directory.GetFiles(_parceler.Storage, "database.sqlite.damaged-*").Should().NotBeEmpty();
    }

    // One repository is frozen on its first snapshot, the other is not; the service has ended in good order.
    private async Task<string> FillAsync()
    {
        await _parceler.AddMachineAsync();
        await using var service = await _parceler.StartAsync("serve");
        await CreateAsync("frozen");
        await CreateAsync("free");
        await _parceler.DoneAsync("repository", "freeze", "frozen");
        _parceler.Folder.Write("frozen", "newer");
        await _parceler.DoneAsync("repository", "sync", "frozen", "--wait");
        var state = await StateAsync();
        state.Should().Contain("frozen of frozen");
        (await service.TerminateAsync()).Should().Be(0);
        File.Exists(Database + "-wal").Should().BeFalse("all is in the one file");
        return state;
    }

    private async Task CreateAsync(string name)
    {
        _parceler.Folder.Write(name, $"{name} of {name}");
        await _parceler.DoneAsync("repository", "create", name, "--command", $"cp {_parceler.Folder[name]} source/{name}/file", "--delay", name == "free" ? "0" : "7", "--no-sync");
        await _parceler.DoneAsync("repository", "sync", name, "--wait");
        await Wait.UntilAsync(async () => await _parceler.ReadAsync(name, "file") is not null, $"{name} is served");
    }

    // What machines get, and what operators see.
    private async Task<string> StateAsync()
    {
        var lines = new List<string>();
        foreach (var name in new[] { "frozen", "free" })
        {
            var shown = (await _parceler.DoneAsync("repository", "show", name, "--json")).Json;
            lines.AddRange(shown.EnumerateObject().Where(p => p.Name != "lastSync").Select(p => p.ToString()));
            lines.Add((await _parceler.DoneAsync("repository", "snapshots", name, "--json")).Out);
            lines.Add(await _parceler.ReadAsync(name, "file") ?? "nothing");
        }

        return string.Join('\n', lines);
    }

    private void Damage(int from, int bytes)
    {
        using var file = new FileStream(Database, FileMode.Open, FileAccess.ReadWrite);
        if (from < 0)
        {
            file.SetLength(file.Length / 2);
            return;
        }

        file.Position = from;
        file.Write(Enumerable.Repeat((byte)0xa5, (int)Math.Min(bytes, file.Length - from)).ToArray());
    }
}
