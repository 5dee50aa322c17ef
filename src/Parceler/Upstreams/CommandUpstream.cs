namespace Parceler.Upstreams;

/// <summary>
/// Runs the operator's sync command, which fills the source folder of a repository. When a run has ended, however it did,
/// no process of it is left that could still write.
/// </summary>
internal sealed class CommandUpstream(TimeProvider clock)
{
    /// <summary>How long what is ended may take to clean up before it is killed.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <param name="onLine">Gets each line of output while the command runs, one at a time.</param>
    /// <exception cref="OperationCanceledException">Cancelled; the command has ended.</exception>
    /// <exception cref="IOException">Another run can't be ended, or what the command left can't be taken over.</exception>
    public async Task<CommandOutcome> RunAsync(CommandRun run, Action<string> onLine, CancellationToken cancellation)
    {
        var sourceLock = new SourceLock(run, Patience);
        var link = new SourceLink(run);
        Report(await sourceLock.EndHoldersAsync(cancellation), "an earlier run", onLine);
        link.Make();
        var outcome = await RunAloneAsync(run, sourceLock, onLine, cancellation);
        if (outcome is CommandOutcome.Completed)
        {
            link.Adopt();
        }

        return outcome;
    }

    private async Task<CommandOutcome> RunAloneAsync(CommandRun run, SourceLock sourceLock, Action<string> onLine, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(run.TimeLimit is { TotalDays: < 49 } time ? time : Timeout.InfiniteTimeSpan, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        using var shell = ShellProcess.Start(run, sourceLock);
        var output = new CommandOutput(onLine);
        var reading = ReadAsync(output, shell, stop);
        var ended = await WaitAsync(shell, stop.Token);
        var left = await EndAsync(shell, sourceLock);
        await FinishAsync(reading, output);
        if (!ended)
        {
            cancellation.ThrowIfCancellationRequested();
            return new CommandOutcome.TimedOut(run.TimeLimit!.Value, output.LastLines);
        }

        Report(left, "this run", onLine);
        return Judge(shell.Status, output.LastLines);
    }

    // A thread of its own, since it waits for the command all the time. If the lines can't be taken, the command is stopped.
    private static Task ReadAsync(CommandOutput output, ShellProcess shell, CancellationTokenSource stop) =>
        Task.Factory.StartNew(
            () =>
            {
                try
                {
                    output.ReadToEnd(shell.Output);
                }
                catch
                {
                    stop.Cancel();
                    throw;
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );

    private static async Task<bool> WaitAsync(ShellProcess shell, CancellationToken stop)
    {
        try
        {
            await shell.WaitForExitAsync(stop);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task<int> EndAsync(ShellProcess shell, SourceLock sourceLock)
    {
        var count = await sourceLock.EndHoldersAsync(CancellationToken.None);
        shell.KillGroup(); // the lifeline's end, and what neither holds the lock nor bears its mark
        return count;
    }

    private async Task FinishAsync(Task reading, CommandOutput output)
    {
        try
        {
            await reading.WaitAsync(Patience, TimeProvider.System, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            output.Abandon(); // held open by what can't be found: another user's, or without lock, mark and session
        }
    }

    private static void Report(int count, string run, Action<string> onLine)
    {
        if (count > 0)
        {
            onLine($"parceler: ended {count} process(es) that {run} had left in the background");
        }
    }

    private static CommandOutcome Judge(int status, IReadOnlyList<string> lastLines) =>
        status switch
        {
            0 => new CommandOutcome.Completed(),
            > 128 and <= 128 + Signals.Last => new CommandOutcome.Killed(status - 128, lastLines),
            _ => new CommandOutcome.Failed(status, lastLines),
        };
}
