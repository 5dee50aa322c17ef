namespace Parceler.Upstreams;

/// <summary>
/// Runs the operator's sync command, which fills the source folder of a repository. When a run has ended, however it did,
/// no process of it is left that could still write.
/// </summary>
internal sealed class CommandUpstream(TimeProvider clock)
{
    // for what holds the output open and can't be found: as another user, without environment
    private static readonly TimeSpan s_lastOutput = TimeSpan.FromSeconds(5);

    /// <param name="onLine">Gets each line of output while the command runs, one at a time.</param>
    /// <exception cref="OperationCanceledException">Cancelled; the command has ended.</exception>
    /// <exception cref="IOException">Another run can't be ended, or what the command left can't be taken over.</exception>
    public async Task<CommandOutcome> RunAsync(CommandRun run, Action<string> onLine, CancellationToken cancellation)
    {
        var sourceLock = new SourceLock(run);
        var link = new SourceLink(run);
        await sourceLock.EndHoldersAsync(cancellation);
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
        using var limit = new CancellationTokenSource(run.TimeLimit ?? Timeout.InfiniteTimeSpan, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        using var shell = ShellProcess.Start(run, sourceLock);
        var output = new CommandOutput(onLine);
        var reading = ReadAsync(output, shell, stop);
        var ended = await WaitAsync(shell, stop.Token);
        await EndAsync(shell, sourceLock);
        await FinishAsync(reading);
        if (!ended)
        {
            cancellation.ThrowIfCancellationRequested();
            return new CommandOutcome.TimedOut(run.TimeLimit!.Value, output.LastLines);
        }

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

    private static async Task EndAsync(ShellProcess shell, SourceLock sourceLock)
    {
        await sourceLock.EndHoldersAsync(CancellationToken.None);
        shell.KillGroup(); // the lifeline's end, and what neither holds the lock nor bears its mark
    }

    private static async Task FinishAsync(Task reading)
    {
        try
        {
            await reading.WaitAsync(s_lastOutput, TimeProvider.System, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            // the output is still held open: what was read so far is what there is
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
