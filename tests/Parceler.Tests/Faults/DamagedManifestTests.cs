using Parceler.Tests.Support;

namespace Parceler.Tests.Faults;

/// <summary>A manifest that is cut in half: its snapshot is not served, everything else is.</summary>
[Trait("Speed", "slow")]
public sealed class DamagedManifestTests : IDisposable
{
    private readonly InstalledParceler _parceler = new();

    public void Dispose() => _parceler.Dispose();

    [Fact]
    public async Task The_snapshot_of_a_cut_manifest_is_not_served_and_the_rest_is()
    {
        var manifests = await FillAsync();
        var whole = File.ReadAllBytes(manifests[0]);
        File.WriteAllBytes(manifests[0], whole[..(whole.Length / 2)]);
        var instant = Path.GetFileNameWithoutExtension(manifests[0]);

        await using (var service = await _parceler.StartAsync("serve"))
        {
            (await _parceler.ReadAsync("demo", "file")).Should().Be("second", "the served one is damaged: the next one takes its place");
            (await _parceler.ReadAsync("other", "file")).Should().Be("other");
            (await _parceler.DoneAsync("repository", "show", "demo", "--json")).Json.GetProperty("snapshots").GetInt32().Should().Be(1);
            var verified = await _parceler.RunAsync("verify");
            (verified.Status, verified.Error.Contains(instant, StringComparison.Ordinal)).Should().Be((1, true), verified.Error);

            await _parceler.DoneAsync("repository", "sync", "other", "--wait"); // changes make it look again
            await _parceler.DoneAsync("repository", "sync", "demo", "--wait");
            await service.UntilLoggedAsync("stands in the storage but can't be used");
            service.Lines.Where(line => line.Contains(" alert ", StringComparison.Ordinal)).Should().ContainSingle().Which.Should().Contain(instant);

            File.WriteAllBytes(manifests[0], whole);
            await service.UntilLoggedAsync("was found in the storage and taken over");
        }

        await _parceler.DoneAsync("verify");
    }

    [Fact]
    public async Task When_the_only_manifest_is_cut_the_other_repositories_go_on()
    {
        await FillAsync();
        var only = Directory.GetFiles(Path.Combine(_parceler.Storage, "snapshots/other")).Single();
        File.WriteAllBytes(only, File.ReadAllBytes(only)[..20]);

        await using var service = await _parceler.StartAsync("serve");
        (await _parceler.ReadAsync("demo", "file")).Should().Be("first");
        (await _parceler.ReadAsync("other", "file")).Should().BeNull();
        await _parceler.DoneAsync("repository", "sync", "demo", "--wait");
        await _parceler.DoneAsync("repository", "sync", "other", "--wait");

        await Wait.UntilAsync(async () => await _parceler.ReadAsync("other", "file") == "other", "a sync repairs it");
        service.Lines.Where(line => line.Contains(" alert ", StringComparison.Ordinal)).Should().ContainSingle();
    }

    // Two snapshots of one repository, of which the older is served, and one of another. Returns the manifests of the first.
    private async Task<string[]> FillAsync()
    {
        await _parceler.AddMachineAsync();
        await using var worker = await _parceler.StartAsync("worker");
        _parceler.Folder.Write("other", "other");
        foreach (var (name, content) in new[] { ("demo", "first"), ("demo", "second"), ("other", "other") })
        {
            _parceler.Folder.Write(name, content);
            await _parceler.RunAsync("repository", "create", name, "--command", $"cp {_parceler.Folder[name]} source/{name}/file", "--no-sync");
            await _parceler.DoneAsync("repository", "sync", name, "--wait");
        }

        (await worker.TerminateAsync()).Should().Be(0);
        return [.. Directory.GetFiles(Path.Combine(_parceler.Storage, "snapshots/demo")).Order(StringComparer.Ordinal)];
    }
}
