using Parceler.Tests.Support;

namespace Parceler.Tests.Faults;

/// <summary>What is removed from the storage by hand while the service runs.</summary>
[Trait("Speed", "slow")]
public sealed class VanishedManifestTests : IDisposable
{
    private readonly InstalledParceler _parceler = new();

    public void Dispose() => _parceler.Dispose();

    [Fact]
    public async Task A_removed_manifest_is_a_deletion_within_30_seconds()
    {
        await using var service = await StartAsync();

        File.Delete(Manifests()[0]);

        await Wait.UntilAsync(async () => await _parceler.ReadAsync("demo", "file") == "2", "the next snapshot is served");
        (await SnapshotsAsync()).Should().Be(2);
    }

    [Fact]
    public async Task All_manifests_of_a_repository_removed_at_once_are_no_deletion()
    {
        await using var service = await StartAsync();

        Directory.Delete(Path.Combine(_parceler.Storage, "snapshots/demo"), recursive: true);
        await service.UntilLoggedAsync("alert All 3 manifests of demo vanished at once");

        await ShouldStayAsync(service);
    }

    [Fact]
    public async Task A_storage_without_its_identity_is_no_deletion()
    {
        await using var service = await StartAsync();

        File.Delete(Path.Combine(_parceler.Storage, "parceler.json"));
        Directory.Delete(Path.Combine(_parceler.Storage, "snapshots"), recursive: true);
        await service.UntilLoggedAsync("alert The storage can't be trusted");

        await ShouldStayAsync(service);
        var next = await _parceler.RunAsync("web");
        next.Status.Should().Be(2);
        (next.Out + next.Error).Should().Contain("parceler.json");
    }

    // Over the next looks, too; and it is said once.
    private async Task ShouldStayAsync(RunningParceler service)
    {
        await Task.Delay(TimeSpan.FromSeconds(12), TimeProvider.System, TestContext.Current.CancellationToken);
        (await _parceler.ReadAsync("demo", "file")).Should().Be("1");
        service.Lines.Where(line => line.Contains(" alert ", StringComparison.Ordinal)).Should().ContainSingle();
    }

    private async Task<RunningParceler> StartAsync()
    {
        var content = _parceler.Folder["content"];
        await _parceler.DoneAsync("repository", "create", "demo", "--command", $"cp {content} source/demo/file", "--no-sync");
        await _parceler.AddMachineAsync();
        var service = await _parceler.StartAsync("serve");
        foreach (var state in new[] { "1", "2", "3" })
        {
            _parceler.Folder.Write("content", state);
            await _parceler.DoneAsync("repository", "sync", "demo", "--wait");
        }

        (await _parceler.ReadAsync("demo", "file")).Should().Be("1", "the oldest within the delay");
        return service;
    }

    private string[] Manifests() => [.. Directory.GetFiles(Path.Combine(_parceler.Storage, "snapshots/demo")).Order(StringComparer.Ordinal)];

    private async Task<int> SnapshotsAsync() => (await _parceler.DoneAsync("repository", "snapshots", "demo", "--json")).Json.GetArrayLength();
}
