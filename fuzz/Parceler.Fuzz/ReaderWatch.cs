using System.Globalization;
using System.Runtime.InteropServices;

namespace Parceler.Fuzz;

/// <summary>
/// Holds a reader to its limits. Time is processor time of the thread, so that other programs do not count. Memory is what the process has resident
/// at most while it reads, of managed and of native code, beyond what it has after a collection. That counts garbage too; so what is beyond the
/// limit is read again while another thread collects without end, and then it counts. Time that is beyond is taken again, too: by then the
/// code is compiled.
/// </summary>
public sealed partial class ReaderWatch : IDisposable
{
    private const int ThreadTime = 3; // CLOCK_THREAD_CPUTIME_ID
    private readonly FileStream _status = new("/proc/self/status", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
    private readonly FileStream _reset = new("/proc/self/clear_refs", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
    private readonly byte[] _text = new byte[4096];
    private readonly double _mostSeconds;
    private readonly long _mostBytes;
    private long _least;

    public ReaderWatch(double mostSeconds = 1, long mostBytes = 64_000_000)
    {
        _mostSeconds = mostSeconds;
        _mostBytes = mostBytes;
        Shrink();
    }

    /// <summary>What reading took.</summary>
    public readonly record struct Cost(double Seconds, long Bytes);

    public Cost Run(FuzzTarget target, ReadOnlySpan<byte> input)
    {
        if (target.FileOf(input) is not var (reader, file))
        {
            return default;
        }

        var cost = Measure(reader, file);
        cost = cost.Seconds > _mostSeconds ? Measure(reader, file) : cost;
        cost = cost.Bytes > _mostBytes ? cost with { Bytes = MeasureWithoutGarbage(reader, file) } : cost;
        return cost.Seconds > _mostSeconds || cost.Bytes > _mostBytes
            ? throw new FuzzFaultException($"{target.Name}/{reader.Name} took {cost.Seconds:F1} s and {cost.Bytes / 1e6:F0} MB for {file.Length} bytes")
            : cost;
    }

    public void Dispose()
    {
        _status.Dispose();
        _reset.Dispose();
    }

    private Cost Measure(FuzzReader reader, byte[] file)
    {
        _reset.Write("5"u8); // the highest so far is now what there is
        var start = Now();
        reader.Run(file);
        return new(Now() - start, Status("VmHWM:"u8) - _least);
    }

    private long MeasureWithoutGarbage(FuzzReader reader, byte[] file)
    {
        Shrink();
        var isDone = false;
        var collector = new Thread(() =>
        {
            while (!Volatile.Read(ref isDone))
            {
                GC.Collect();
                Thread.Sleep(1);
            }
        });
        collector.Start();
        try
        {
            return Measure(reader, file).Bytes;
        }
        finally
        {
            Volatile.Write(ref isDone, true);
            collector.Join();
            Shrink();
        }
    }

    private void Shrink()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _least = Status("VmRSS:"u8);
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
