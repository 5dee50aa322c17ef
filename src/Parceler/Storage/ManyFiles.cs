using System.Runtime.ExceptionServices;

namespace Parceler.Storage;

/// <summary>The same work on many files, several at a time.</summary>
internal static class ManyFiles
{
    // More threads than cores: some of them wait for the disk.
    private static readonly int s_threads = 2 * Environment.ProcessorCount;

    /// <summary>Does the work for each number; a failure ends it, and is thrown as it is.</summary>
    public static void For(int from, int to, Action<int> work, CancellationToken cancellation)
    {
        try
        {
            Parallel.For(from, to, new ParallelOptions { MaxDegreeOfParallelism = s_threads, CancellationToken = cancellation }, work);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.Flatten().InnerExceptions[0]);
        }
    }
}
