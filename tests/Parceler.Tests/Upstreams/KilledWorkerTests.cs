using System.Diagnostics;
using Parceler.Repositories;
using Parceler.Tests.Support;
using Parceler.Upstreams;

namespace Parceler.Tests.Upstreams;

/// <summary>A worker that is killed takes its command along.</summary>
[Trait("Speed", "slow")]
public sealed class KilledWorkerTests : IDisposable
{
    private const string FolderVariable = "PARCELER_TESTS_WORKER_FOLDER";

    private readonly CommandBench _bench = new();

    [Fact]
    public async Task A_command_dies_with_its_killed_worker()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { } folder)
        {
            await WorkAsync(folder);
            return;
        }

        using var worker = StartWorker();
        await Wait.UntilAsync(() => _bench.SourceFiles().Contains("beat"), "the command runs");

        worker.Kill(); // SIGKILL, to the worker alone

        await Wait.UntilAsync(() => !IsBeating(), "the command has ended");
    }

    // The worker is this test once more, in a process of its own.
    private static async Task WorkAsync(string folder)
    {
        const string Command = "sh -c 'while :; do echo >> source/nethsecurity/beat; sleep 0.05; done' & wait";
        var run = new CommandRun(RepositoryName.Parse("nethsecurity"), Command, $"{folder}/source/nethsecurity", Path.Combine(folder, "work", "nethsecurity"), null);
        await new CommandUpstream(TimeProvider.System).RunAsync(run, _ => { }, TestContext.Current.CancellationToken);
    }

    private Process StartWorker()
    {
        string[] arguments = ["--filter-method", $"{GetType().FullName}.{nameof(A_command_dies_with_its_killed_worker)}"];
        var start = new ProcessStartInfo(Path.ChangeExtension(typeof(KilledWorkerTests).Assembly.Location, null), arguments)
        {
            RedirectStandardOutput = true,
        };
        start.Environment[FolderVariable] = _bench.Folder["storage"];
        return Process.Start(start)!;
    }

    private bool IsBeating()
    {
        var before = _bench.ReadSource("beat").Length;
        using var pause = new ManualResetEventSlim();
        pause.Wait(TimeSpan.FromSeconds(0.5), TestContext.Current.CancellationToken);
        return _bench.ReadSource("beat").Length > before;
    }

    public void Dispose() => _bench.Dispose();
}
