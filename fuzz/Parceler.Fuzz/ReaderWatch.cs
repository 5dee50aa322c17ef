using System.Globalization;
using System.Runtime.InteropServices;

namespace Parceler.Fuzz;

/// <summary>
/// Holds a reader to its limits. Time is processor time of the thread, so that other programs do not count. Memory is what the process had
/// resident at most while it read, beyond what it had before: it counts what the collector has not taken back yet and the memory of native
/// libraries too, so a reader takes less, not more. What is beyond a limit is read once more, after a collection, before it counts: by
/// then the code is compiled.
/// </summary>
public sealed partial class ReaderWatch(double mostSeconds = 1, long mostBytes = 64_000_000) : IDisposable
{
    private const int ThreadTime = 3; // CLOCK_THREAD_CPUTIME_ID
    private readonly FileStream _status = new("/proc/self/status", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
    private readonly FileStream _reset = new("/proc/self/clear_refs", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
    private readonly byte[] _text = new byte[4096];

    /// <summary>What reading took.</summary>
    public readonly record struct Cost(double Seconds, long Bytes);

    public Cost Run(FuzzTarget target, ReadOnlySpan<byte> input)
    {
        if (target.FileOf(input) is not var (reader, file))
        {
            return default;
        }

        var cost = Measure(reader, file);
        if (IsTooMuch(cost))
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            cost = Measure(reader, file);
        }

        return IsTooMuch(cost) ? throw new FuzzFaultException($"{target.Name}/{reader.Name} took {cost.Seconds:F1} s and {cost.Bytes / 1e6:F0} MB for {file.Length} bytes") : cost;
    }

    public void Dispose()
    {
        _status.Dispose();
        _reset.Dispose();
    }

    private bool IsTooMuch(Cost cost) => cost.Seconds > mostSeconds || cost.Bytes > mostBytes;

    private Cost Measure(FuzzReader reader, byte[] file)
    {
        _reset.Write("5"u8); // the highest so far is now what there is
        var before = Status("VmRSS:"u8);
        var start = Now();
        reader.Run(file);
        return new(Now() - start, Status("VmHWM:"u8) - before);
    }

    private long Status(ReadOnlySpan<byte> name)
    {
        _status.Position = 0;
        var text = _text.AsSpan(0, _status.Read(_text));
        var value = text[(text.IndexOf(name) + name.Length)..].TrimStart("\t "u8);
        return 1024 * long.Parse(value[..value.IndexOf((byte)' ')], CultureInfo.InvariantCulture);
    }

    private static double Now() => GetTime(ThreadTime, out var time) == 0 ? time.Seconds + (time.Nanoseconds / 1e9) : throw new InvalidOperationException("There is no clock of the thread");

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Time time);

    private readonly record struct Time(long Seconds, long Nanoseconds);
}
