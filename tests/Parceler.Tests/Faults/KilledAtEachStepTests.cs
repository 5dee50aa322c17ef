using System.Diagnostics;
using System.Text.Json;
using Parceler.Tests.Support;

namespace Parceler.Tests.Faults;

/// <summary>
/// SIGKILL of the whole service before each single step that a sync or a release takes on the disk: staged, between blobs
/// and manifest, between manifest and row, and all the others.
/// </summary>
[Trait("Speed", "slow")]
public sealed class KilledAtEachStepTests : IDisposable
{
    private const int Files = 3;
    private const int Never = 1_000_000;
    private static readonly TimeSpan s_budget = TimeSpan.FromSeconds(12);
    private readonly InstalledParceler _parceler = new();
    private readonly StampedRepository _repository;
    private readonly DyingProcess _dying;

    public KilledAtEachStepTests()
    {
        _repository = new(_parceler, Files);
        _dying = new(_parceler.Folder);
    }

    public void Dispose() => _parceler.Dispose();

    [Fact]
    public async Task A_kill_at_any_step_of_a_sync_leaves_the_old_state_or_the_new()
    {
        await _repository.CreateAsync(delay: 0);
        await SweepAsync("sync", prepare: () => Task.CompletedTask, check: (_, _) => { });
    }

    [Fact]
    public async Task A_kill_at_any_step_of_a_release_leaves_mark_freeze_and_files_old_or_all_of_them_new()
    {
        await _repository.CreateAsync(delay: 7);
        await SweepAsync(
            "release",
            prepare: async () => await _parceler.DoneAsync("repository", "freeze", "demo"),
            check: (before, after) =>
            {
                var isNew = after.Generation == _repository.Generation;
                after.IsFrozen.Should().Be(!isNew);
                after.ReleaseMark.Should().Be(isNew ? after.Served : before.ReleaseMark);
            }
        );
    }

    private async Task SweepAsync(string job, Func<Task> prepare, Action<State, State> check)
    {
        await _dying.BuildAsync();
        var service = await _parceler.StartAsync(_dying.Environment, "serve");
        await _parceler.DoneAsync("repository", "sync", "demo", "--wait");
        await prepare();
        var steps = await CountAsync(job);
        var budget = Stopwatch.StartNew();
        foreach (var step in Spread(steps).TakeWhile((_, count) => count < 5 || budget.Elapsed < s_budget))
        {
            await prepare();
            var before = await StateAsync("before");
            await KillAsync(service, job, step);
            await service.DisposeAsync();
            var because = $"the service was killed before step {step} of {steps}: {_dying.Disarm().Last()}";
            await using (await _parceler.StartAsync("web")) // without a worker: the state as the kill left it
            {
                var after = await StateAsync(because);
                after.Generation.Should().BeInRange(before.Generation, _repository.Generation, because);
                check(before, after);
                await _parceler.DoneAsync("verify");
            }

            service = await _parceler.StartAsync(_dying.Environment, "serve");
            await _repository.UntilServedAsync(); // the job runs again by itself
            await _repository.UntilIdleAsync();
            check(before, await StateAsync(because));
        }

        await service.DisposeAsync();
    }

    // An undisturbed run: how many steps there are, and that the ones that matter are among them.
    private async Task<int> CountAsync(string job)
    {
        _repository.BeginGeneration();
        _dying.DieAt(Never);
        await _parceler.DoneAsync("repository", job, "demo", "--wait");
        var steps = _dying.Disarm().ToList();
        steps.Count(step => step.StartsWith("rename", StringComparison.Ordinal) && step.Contains("/blobs/", StringComparison.Ordinal)).Should().Be(Files);
        var manifest = steps.FindIndex(step => step.EndsWith(".manifest", StringComparison.Ordinal));
        steps[manifest..].Should().Contain(step => step.EndsWith("database.sqlite-wal", StringComparison.Ordinal));
        return steps.Count;
    }

    private async Task KillAsync(RunningParceler service, string job, int step)
    {
        _repository.BeginGeneration();
        _dying.DieAt(step);
        await _parceler.DoneAsync("repository", job, "demo");
        (await service.ExitAsync()).Should().Be(128 + 9);
    }

    // All of them when there is time; otherwise they are spread over the whole job.
    private static IEnumerable<int> Spread(int steps)
    {
        var met = new HashSet<int>();
        for (var stride = (steps + 1) / 2; ; stride = (stride + 1) / 2)
        {
            for (var step = stride; step <= steps; step += stride)
            {
                if (met.Add(step))
                {
                    yield return step;
                }
            }

            if (stride == 1)
            {
                yield break;
            }
        }
    }

    private async Task<State> StateAsync(string because)
    {
        var shown = await _repository.ShowAsync();
        return new(
            await _repository.ServedAsync(because),
            shown.GetProperty("frozen").GetBoolean(),
            shown.GetProperty("releaseMark").GetString(),
            shown.GetProperty("servedSnapshot").GetString()
        );
    }

    private sealed record State(int Generation, bool IsFrozen, string? ReleaseMark, string? Served);
}
