using System.Collections.Concurrent;
using System.Diagnostics;
using Parceler.Upstreams;

namespace Parceler.Tests.Support;

/// <summary>A part of the service that runs as a process; disposing kills it.</summary>
internal sealed class ParcelerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    public ParcelerProcess(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public IReadOnlyCollection<string> Log => _lines;
    public bool IsOver => _process.HasExited;

    public Task UntilLoggedAsync(string words, int seconds = 30) =>
        InstalledParceler.UntilAsync(
            () => Log.Any(line => line.Contains(words, StringComparison.Ordinal)) || (IsOver ? throw new InvalidOperationException($"It ended: {string.Join('\n', Log)}") : false),
            $"the log says '{words}'",
            seconds
        );

    /// <summary>SIGKILL, to this process alone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await ExitAsync();
    }

    /// <summary>SIGTERM: an orderly end is asked for.</summary>
    public void Terminate() => Signals.Send(_process.Id, Signals.Terminate);

    /// <summary>Waits for the end and returns the exit status; 128 and the signal for a process that was killed.</summary>
    public async Task<int> ExitAsync(int seconds = 30)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(seconds));
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!IsOver)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private void Keep(object sender, DataReceivedEventArgs said)
    {
        if (said.Data is { } line)
        {
            _lines.Enqueue(line);
        }
    }
}
