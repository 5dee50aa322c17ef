using Parceler.Tests.Faults;
using Parceler.Tests.Support;
using static Parceler.Tests.Imports.LaravelProgram;

namespace Parceler.Tests.Imports;

/// <summary>SIGKILL of the command before steps that it takes on the disk: the next run goes on, and in the end all is here once.</summary>
[Trait("Speed", "slow")]
public sealed class KilledImportTests : IDisposable
{
    private const int Killed = 137;
    private readonly InstalledParceler _parceler = new();
    private readonly DyingProcess _dying;

    public KilledImportTests() => _dying = new(_parceler.Folder);

    public void Dispose() => _parceler.Dispose();

    [Fact]
    public async Task A_kill_at_any_step_leaves_what_the_next_run_completes()
    {
        await _dying.BuildAsync();
        var old = new LaravelProgram(_parceler.Folder);
        var snapshots = new[] { DaysAgo(3), DaysAgo(2), DaysAgo(1) };
        old.Add("demo", freeze: snapshots[1]);
        foreach (var snapshot in snapshots)
        {
            old.Write("demo", snapshot, "same", "the same in all");
            old.Write("demo", snapshot, "other", snapshot);
        }

        var before = old.Look();
        foreach (var (name, value) in _dying.Environment)
        {
            _parceler.Environment[name] = value;
        }

        var killed = new HashSet<string>();
        for (var step = 16; step < 32; step += 2) // whatever was done before a kill is not done again: each run gets further
        {
            _dying.DieAt(step);
            var printed = await _parceler.RunAsync(old.Command);
            var last = _dying.Disarm().Last();
            if (printed.Status == 0)
            {
                break;
            }

            printed.Status.Should().Be(Killed, printed.Error);
            killed.Add(last);
        }

        killed.Should().HaveCountGreaterThan(3);
        await _parceler.DoneAsync(old.Command);
        var listed = (await _parceler.DoneAsync("repository", "snapshots", "demo", "--json")).Json.EnumerateArray().ToList();
        listed.Select(snapshot => snapshot.GetProperty("instant").GetString()).Should().Equal(snapshots.Select(Utc));
        var shown = (await _parceler.DoneAsync("repository", "list", "--json")).Json[0];
        shown.GetProperty("servedSnapshot").GetString().Should().Be(Utc(snapshots[1]));
        shown.GetProperty("frozen").GetBoolean().Should().BeTrue();
        await _parceler.DoneAsync("verify");
        old.Look().Should().Equal(before);
    }
}
