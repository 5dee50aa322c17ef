using Parceler.Tests.Support;

namespace Parceler.Tests.Upstreams;

/// <summary>A system that lacks the programs which a sync command is run with.</summary>
[Trait("Speed", "slow")]
public sealed class MissingProgramsTests : IDisposable
{
    private readonly InstalledParceler _parceler = new();

    public void Dispose() => _parceler.Dispose();

    [Theory]
    [InlineData("setsid")]
    [InlineData("flock", "setsid")]
    public async Task A_sync_names_the_program_and_its_package(string missing, params string[] there)
    {
        var programs = Directory.CreateDirectory(_parceler.Folder["programs"]).FullName;
        there.ToList().ForEach(program => File.CreateSymbolicLink(Path.Combine(programs, program), $"/usr/bin/{program}"));
        await _parceler.DoneAsync("repository", "create", "demo", "--command", "true", "--no-sync");
        await using var worker = await _parceler.StartAsync([("PATH", programs)], "worker");

        var synced = await _parceler.RunAsync("repository", "sync", "demo", "--wait");

        synced.Status.Should().Be(1);
        synced.Error.Should().Contain($"the program {missing} is missing: install the package util-linux");
    }
}
