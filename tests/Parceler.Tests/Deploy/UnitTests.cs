using Parceler.Tests.Support;

namespace Parceler.Tests.Deploy;

/// <summary>The units for systemd: it takes them, finds them hardened, and the service can do its work as they run it.</summary>
[Trait("Speed", "slow")]
public sealed class UnitTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public static TheoryData<string> Units => [.. Directory.GetFiles(CloneFolder.File("deploy/systemd"), "*.service").Select(path => Path.GetFileName(path))];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Units))]
    public async Task Systemd_understands_every_line(string unit)
    {
        var text = await File.ReadAllTextAsync(CloneFolder.File($"deploy/systemd/{unit}"), Cancellation);
        var instance = _folder.Write(unit.Replace("@", "@8081", StringComparison.Ordinal), text.Replace("ExecStart=/usr/bin/parceler", $"ExecStart={InstalledParceler.Ordinary}", StringComparison.Ordinal));

        var verified = await AnalyzeAsync("verify", "--man=no", instance);

        verified.ExitCode.Should().Be(0, "{0}", verified.Output);
        verified.Output.Should().NotContain("parceler", "it has nothing to say of it");
    }

    [Theory]
    [MemberData(nameof(Units))]
    public async Task Little_is_left_to_whoever_breaks_in(string unit)
    {
        var judged = await AnalyzeAsync("security", "--offline=true", "--threshold=15", "--no-pager", CloneFolder.File($"deploy/systemd/{unit}"));

        judged.ExitCode.Should().Be(0, "its exposure is 1.1 or 1.2 of 10, and other versions of systemd judge a little otherwise: {0}", judged.Output);
        judged.Output.Should().Contain("Overall exposure level");
    }

    [Theory]
    [MemberData(nameof(Units))]
    public void Each_runs_a_role_and_all_are_hardened_alike(string unit)
    {
        var lines = Lines(unit);

        lines.Should().Contain(line => line.StartsWith("ExecStart=/usr/bin/parceler ", StringComparison.Ordinal)).And.Contain("Type=notify");
        lines.Should().Contain(Lines("parceler.service").SkipWhile(line => !line.StartsWith("ProtectSystem=", StringComparison.Ordinal)));
    }

    // Not the text but what systemd would read: a line that is repeated, or whose name is misspelt, is told by "verify".
    private static List<string> Lines(string unit) =>
        [.. File.ReadLines(CloneFolder.File($"deploy/systemd/{unit}")).Where(line => line.Length > 0 && line[0] != '#')];

    private Task<ClientRun> AnalyzeAsync(params string[] words) => new RealClient(_folder.Path).RunAsync("systemd-analyze", words);
}
