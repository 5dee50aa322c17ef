using System.Text;
using Parceler.Storage;

namespace Parceler.Upstreams;

/// <summary>
/// The lock that a sync command and all that it starts hold on their source. Finds its holders, also those that an
/// earlier worker left behind, and ends them: two commands that write one source would make a snapshot of neither.
/// </summary>
internal sealed class SourceLock
{
    /// <summary>Names the lock in the environment of its holders: it marks those too that close what they inherit.</summary>
    public const string Variable = "PARCELER_LOCK";

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    private readonly TimeSpan _patience;
    private readonly byte[] _mark;

    /// <param name="patience">How long holders may take to end after TERM, and again after KILL.</param>
    public SourceLock(CommandRun run, TimeSpan patience)
    {
        _patience = patience;
        var work = Posix.RealPath(run.WorkFolder);

        // Beside the work folder, where a command that empties its folder does not reach it.
        Path = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(work)!, $"{run.Repository}.command.lock");
        _mark = Encoding.UTF8.GetBytes($"\0{Variable}={Path}\0");
    }

    public string Path { get; }

    /// <summary>Asks every holder to end, then forces it. Returns how many there were.</summary>
    /// <exception cref="IOException">Some can't be ended: nothing may write that source now.</exception>
    public async Task<int> EndHoldersAsync(CancellationToken cancellation)
    {
        var met = new HashSet<int>();
        if (!await EndAsync(Signals.Terminate, met, cancellation) && !await EndAsync(Signals.Kill, [], cancellation))
        {
            throw new IOException($"Processes {string.Join(", ", Holders())} of a sync command hold {Path} and can't be ended");
        }

        return met.Count;
    }

    // Each is signalled once: to some programs a second TERM means "without cleaning up".
    private async Task<bool> EndAsync(int signal, HashSet<int> signalled, CancellationToken cancellation)
    {
        var since = TimeProvider.System.GetTimestamp(); // processes live in real time
        while (true)
        {
            var holders = Holders();
            if (holders.Count == 0)
            {
                return true;
            }

            holders.Where(signalled.Add).ToList().ForEach(holder => Signals.Send(holder, signal));
            if (TimeProvider.System.GetElapsedTime(since) > _patience)
            {
                return false;
            }

            await Task.Delay(s_look, TimeProvider.System, cancellation);
        }
    }

    private List<int> Holders() =>
        [
            .. Directory
                .EnumerateDirectories("/proc")
                .Select(folder => int.TryParse(System.IO.Path.GetFileName(folder), out var process) ? process : 0)
                .Where(process => process > 0 && process != Environment.ProcessId && (HasMark(process) || HasOpen(process))),
        ];

    private bool HasMark(int process)
    {
        try
        {
            ReadOnlySpan<byte> environment = [0, .. File.ReadAllBytes($"/proc/{process}/environ")];
            return environment.IndexOf(_mark) >= 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // it has ended, or is of another user
        }
    }

    // By the name alone: to look at what other programs hold open could wait forever for a file server.
    private bool HasOpen(int process)
    {
        try
        {
            return new DirectoryInfo($"/proc/{process}/fd").EnumerateFileSystemInfos().Any(open => open.LinkTarget is { } name && IsLock(name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private bool IsLock(string name) => name == Path || name == Path + " (deleted)";
}
