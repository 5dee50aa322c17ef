using System.Diagnostics;
using Parceler.Tests.Support;
using Parceler.Upstreams;

namespace Parceler.Tests.Upstreams;

/// <summary>When a run has ended, nothing of it writes any more: whatever the end was.</summary>
public sealed class CommandEndTests : IDisposable
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    // Each says its number, waits, and gets away from its shell in its own way.
    private const string Stay = "echo $$ > ../left-$$; exec sleep 600";
    private const string Background = $"sh -c '{Stay}' &";
    private const string OwnSession = $"setsid sh -c '{Stay}' >/dev/null 2>&1 &";
    private const string ClosedLock = $"setsid sh -c 'exec 9>&- >/dev/null 2>&1; {Stay}' &";
    private const string NoEnvironment = $"setsid env -i sh -c '{Stay}' >/dev/null 2>&1 &";
    private const string OnlyGroup = $"env -i sh -c 'exec 9>&-; {Stay}' >/dev/null 2>&1 &";
    private const string DeafToTerm = $"(trap '' TERM; sh -c '{Stay}') &";

    private const string UntilItStays = "until ls ../left-* >/dev/null 2>&1; do sleep 0.02; done";

    private readonly CommandBench _bench = new() { Upstream = new(TimeProvider.System) { Patience = s_second } };

    [Theory]
    [InlineData(Background)]
    [InlineData(OwnSession)]
    [InlineData(ClosedLock)]
    [InlineData(NoEnvironment)]
    [InlineData(OnlyGroup)]
    [InlineData(DeafToTerm)]
    public async Task What_a_command_leaves_in_the_background_is_ended_with_it(string left)
    {
        var outcome = await _bench.RunAsync($"{left} {UntilItStays}");

        outcome.Should().BeOfType<CommandOutcome.Completed>();
        await NothingIsLeftAsync();
    }

    [Fact]
    public async Task The_log_says_what_was_left_behind()
    {
        await _bench.RunAsync("sleep 600 &");

        _bench.Lines.Should().Equal("parceler: ended 1 process(es) that this run had left in the background");
    }

    [Fact]
    [Trait("Speed", "slow")]
    public async Task Output_that_is_still_held_open_is_waited_for_no_longer()
    {
        var outcome = await _bench.RunAsync("setsid env -i sh -c 'exec 9>&-; sleep 2; echo late' & sleep 0.2");

        outcome.Should().BeOfType<CommandOutcome.Completed>();
        await Task.Delay(1.5 * s_second, TimeProvider.System, TestContext.Current.CancellationToken);
        _bench.Lines.Should().BeEmpty();
    }

    [Fact]
    public async Task A_time_limit_ends_the_command_and_its_children()
    {
        var outcome = await _bench.RunAsync($"{Background} {UntilItStays}; echo fetching; sleep 600", 2 * s_second);

        outcome.Should().BeOfType<CommandOutcome.TimedOut>().Which.LastLines.Should().Contain("fetching");
        outcome.Describe("x").Should().Contain("ended at its time limit of 00:00:02");
        await NothingIsLeftAsync();
    }

    [Fact]
    public async Task Cancelling_lets_the_command_clean_up()
    {
        await CancelAsync("trap 'echo cleaned > source/nethsecurity/cleaned; exit 0' TERM; echo up; while :; do sleep 0.1; done");

        _bench.SourceFiles().Should().Equal("cleaned");
    }

    [Fact]
    [Trait("Speed", "slow")]
    public async Task Cancelling_ends_a_command_that_does_not_listen()
    {
        var ended = await CancelAsync("trap '' TERM; echo up; while :; do sleep 0.1; done");

        ended.Should().BeGreaterThan(TimeSpan.FromSeconds(4));
    }

    [Theory]
    [InlineData(Background)]
    [InlineData(NoEnvironment)]
    [InlineData(ClosedLock)]
    public async Task A_rerun_starts_when_nothing_is_left_of_the_old_run(string left)
    {
        using var old = StartOutside($"{left} sleep 600");
        await Wait.UntilAsync(() => Left().Length > 0, "the old run stays");

        var outcome = await _bench.RunAsync("ls source/nethsecurity");

        outcome.Should().BeOfType<CommandOutcome.Completed>();
        old.HasExited.Should().BeTrue();
        await NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_rerun_leaves_the_commands_of_other_repositories_alone()
    {
        using var other = new CommandBench();
        var running = other.RunAsync("sleep 1");

        await _bench.RunAsync("true");

        (await running).Should().BeOfType<CommandOutcome.Completed>();
    }

    // As an earlier worker would have started it, less the lifeline, so that it is still there.
    private Process StartOutside(string command)
    {
        var lockFile = new SourceLock(_bench.Prepare(command), s_second).Path;
        Directory.CreateDirectory(Path.Combine(_bench.Work, "source"));
        Directory.CreateSymbolicLink(Path.Combine(_bench.Work, "source/nethsecurity"), _bench.Source);
        var start = new ProcessStartInfo("setsid", ["sh", "-c", $"exec 9>>{lockFile}; flock 9; {command}"]) { WorkingDirectory = _bench.Work };
        start.Environment[SourceLock.Variable] = lockFile;
        return Process.Start(start)!;
    }

    private async Task<TimeSpan> CancelAsync(string command)
    {
        using var cancel = new CancellationTokenSource();
        var run = new CommandUpstream(TimeProvider.System).RunAsync(_bench.Prepare(command), _bench.Lines.Add, cancel.Token);
        SpinWait.SpinUntil(() => _bench.Lines.Count > 0, 10 * s_second).Should().BeTrue();
        var since = TimeProvider.System.GetTimestamp();
        await cancel.CancelAsync();
        await run.Invoking(it => it).Should().ThrowAsync<OperationCanceledException>();
        return TimeProvider.System.GetElapsedTime(since);
    }

    private string[] Left() => Directory.GetFiles(Path.GetDirectoryName(_bench.Work)!, "left-*");

    private async Task NothingIsLeftAsync()
    {
        Left().Should().NotBeEmpty();
        await Wait.UntilAsync(() => !Left().Any(IsAlive), "all that was left is ended"); // what is killed needs a moment to die
    }

    private static bool IsAlive(string left)
    {
        var status = $"/proc/{left[(left.LastIndexOf('-') + 1)..]}/status";
        return File.Exists(status) && !File.ReadAllText(status).Contains("State:\tZ", StringComparison.Ordinal);
    }

    public void Dispose() => _bench.Dispose();
}
