using System.Runtime.InteropServices;

namespace Parceler.Upstreams;

/// <summary>Signals to processes of a command.</summary>
internal static partial class Signals
{
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Last = 64;

    private static readonly Dictionary<int, string> s_names = new()
    {
        [1] = "HUP",
        [2] = "INT",
        [3] = "QUIT",
        [4] = "ILL",
        [6] = "ABRT",
        [7] = "BUS",
        [8] = "FPE",
        [Kill] = "KILL",
        [11] = "SEGV",
        [13] = "PIPE",
        [14] = "ALRM",
        [Terminate] = "TERM",
        [24] = "XCPU",
        [25] = "XFSZ",
    };

    public static string NameOf(int signal) => s_names.TryGetValue(signal, out var name) ? $"{signal} ({name})" : $"{signal}";

    /// <summary>Sends to one process; one that is gone meanwhile is what was wanted.</summary>
    public static void Send(int process, int signal) => _ = SendSignal(process, signal);

    public static void SendToGroup(int group, int signal) => _ = SendSignal(-group, signal);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
