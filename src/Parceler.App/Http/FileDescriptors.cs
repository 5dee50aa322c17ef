using System.Runtime.InteropServices;

namespace Parceler.App.Http;

/// <summary>How many files and connections the kernel lets this process have open.</summary>
internal static partial class FileDescriptors
{
    private const int NumberOfFiles = 7; // RLIMIT_NOFILE

    /// <summary>Raises the limit as far as the process may.</summary>
    /// <returns>The limit.</returns>
    public static long Raise()
    {
        if (Get(NumberOfFiles, out var limit) != 0)
        {
            return long.MaxValue;
        }

        var raised = limit with { Current = limit.Most };
        return (long)Math.Min(Set(NumberOfFiles, in raised) == 0 ? limit.Most : limit.Current, long.MaxValue);
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int Get(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int Set(int resource, in Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private record struct Limit(nuint Current, nuint Most);
}
