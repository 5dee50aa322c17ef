using System.Collections.Concurrent;
using System.Diagnostics;
using Parceler.Upstreams;

namespace Parceler.Tests.Support;

/// <summary>A part of the service that runs as a process; disposing kills it, with all that it started.</summary>
internal sealed class RunningParceler : IAsyncDisposable
{
    private const string Started = "Parceler runs as ";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private bool _isDisposed;

    public RunningParceler(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _process.StandardInput.Close();
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public IReadOnlyCollection<string> Lines => _lines;
    public string Log => string.Join('\n', _lines);

    /// <summary>Memory of the process, in bytes.</summary>
    public long Resident
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public bool IsOver => _process.HasExited;

    /// <summary>Where it listens, if it does.</summary>
    public Uri Address => new(_lines.First(line => line.Contains(Started, StringComparison.Ordinal)).Split(" on ")[1]);

    public Task UntilStartedAsync() => UntilLoggedAsync(Started);

    public Task UntilLoggedAsync(string words) =>
        Wait.UntilAsync(
            () => Lines.Any(line => line.Contains(words, StringComparison.Ordinal)) || (IsOver ? throw new InvalidOperationException($"It ended: {Log}") : false),
            $"the log says '{words}'"
        );

    /// <summary>SIGKILL, to this process alone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await ExitAsync();
    }

    /// <summary>SIGTERM: an orderly end is asked for, as service managers do.</summary>
    public void Terminate() => Signals.Send(_process.Id, Signals.Terminate);

    /// <summary>Asks for an orderly end, waits for it and returns the exit status.</summary>
    public Task<int> TerminateAsync()
    {
        Terminate();
        return ExitAsync();
    }

    /// <summary>Waits for the end and returns the exit status; 128 and the signal for a process that was killed.</summary>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(s_patience, TimeProvider.System, CancellationToken.None);
        return _process.ExitCode;
    }

    /// <summary>Ends it if a test left it behind.</summary>
    public void Abandon()
    {
        if (!_isDisposed && !IsOver)
        {
            _process.Kill(entireProcessTree: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Abandon();
        _isDisposed = true;
        await _process.WaitForExitAsync(CancellationToken.None);
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
