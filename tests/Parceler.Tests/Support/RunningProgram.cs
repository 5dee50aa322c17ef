using System.Collections.Concurrent;
using System.Diagnostics;

namespace Parceler.Tests.Support;

/// <summary>A process of the service that runs until it is told to end.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    private const string Started = "Parceler runs as ";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource<string> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RunningProgram(ProcessStartInfo start)
    {
        _process = new() { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Exited += (_, _) => _started.TrySetException(new InvalidOperationException($"It ended at once: {Log}"));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Log => string.Join('\n', _lines);

    /// <summary>Where it listens, if it does.</summary>
    public Uri Address => new(_started.Task.Result.Split(" on ")[1]);

    public int Id => _process.Id;

    public static async Task<RunningProgram> StartAsync(ProcessStartInfo start)
    {
        var running = new RunningProgram(start);
        try
        {
            await running._started.Task.WaitAsync(s_patience, TimeProvider.System, TestContext.Current.CancellationToken);
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks it to end, as service managers do, and returns its exit status.</summary>
    public async Task<int> TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(s_patience, TimeProvider.System, CancellationToken.None);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _ = _started.Task.Exception; // was looked at
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        _lines.Enqueue(line);
        if (line.Contains(Started, StringComparison.Ordinal))
        {
            _started.TrySetResult(line);
        }
    }
}
