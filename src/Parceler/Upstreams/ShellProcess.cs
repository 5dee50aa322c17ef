using System.ComponentModel;
using System.Diagnostics;

namespace Parceler.Upstreams;

/// <summary>A sync command in a shell, in a session and process group of its own, that does not outlive this process.</summary>
internal sealed class ShellProcess : IDisposable
{
    // Descriptor 9 is the lock: every process of the command inherits it, so the lock is free when the last one has ended.
    // Descriptor 3 is the lifeline: a pipe whose other end this process alone holds. However this process ends, the kernel
    // closes that end, the background part reads its end and takes the group down. (A parent-death signal would
    // reach the shell alone, and would also fire when only the thread ends that started it.)
    private const string Script = """
        command -v flock >/dev/null || { echo "parceler: the program flock is missing: install the package util-linux"; exit 1; }
        exec 3<&0 </dev/null 2>&1 9>>"$1"
        flock -n 9 || { echo "parceler: a process of an earlier run still holds $1 and could not be ended"; exit 1; }
        { trap '' HUP INT TERM; exec >/dev/null 2>&1 9>&-; read -r line <&3; kill -TERM 0; sleep 1; kill -KILL 0; } &
        lifeline=$!
        trap : HUP INT TERM
        PARCELER_LOCK="$1" /bin/sh -c "$2" 3<&-
        status=$?
        kill -KILL $lifeline
        wait $lifeline 2>/dev/null
        exit $status
        """;

    private const int NoSuchFile = 2; // ENOENT

    private readonly Process _process;

    private ShellProcess(Process process) => _process = process;

    /// <summary>Standard output and standard error, in the order in which they were written.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>The exit status; 128 and the signal, as shells have it, for a command that was killed.</summary>
    public int Status => _process.ExitCode;

    /// <exception cref="IOException">It can't be started.</exception>
    public static ShellProcess Start(CommandRun run, SourceLock sourceLock)
    {
        var start = new ProcessStartInfo("setsid", ["/bin/sh", "-c", Script, "parceler", sourceLock.Path, run.Command])
        {
            WorkingDirectory = run.WorkFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        CommandEnvironment.Fill(start.Environment, run);
        try
        {
            return new(Process.Start(start)!);
        }
        catch (Win32Exception e)
        {
            var isMissing = e.NativeErrorCode == NoSuchFile && Directory.Exists(run.WorkFolder);
            throw new IOException(isMissing ? "the program setsid is missing: install the package util-linux" : $"the command can't be started: {e.Message}", e);
        }
    }

    public Task WaitForExitAsync(CancellationToken cancellation) => _process.WaitForExitAsync(cancellation);

    public void KillGroup() => Signals.SendToGroup(_process.Id, Signals.Kill);

    public void Dispose() => _process.Dispose();
}
