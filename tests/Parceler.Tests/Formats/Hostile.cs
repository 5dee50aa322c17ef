using CsCheck;

namespace Parceler.Tests.Formats;

/// <summary>Files from outside: whatever the bytes, a reader ends soon, with what it read or with the refusal that it documents.</summary>
internal static class Hostile
{
    private const int Most = 64 << 20; // bytes that one read of a small file may allocate

    /// <summary>Reads mutations of a valid file: bytes changed, cut out, doubled, and its end cut off.</summary>
    public static void SampleMutations<TRefusal>(byte[] valid, Action<byte[]> read, int iter = 2000)
        where TRefusal : Exception =>
        Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Int[1, 4], Gen.Byte, Gen.Int[0, 5])
            .Array[1, 4]
            .Sample(changes => Try<TRefusal>(changes.Aggregate(valid, Mutate), read), iter: iter, threads: 1);

    /// <summary>Reads random bytes, with the beginning of a valid file before them so that some get past the first check.</summary>
    public static void SampleNoise<TRefusal>(byte[] valid, Action<byte[]> read, int iter = 2000)
        where TRefusal : Exception =>
        Gen.Select(Gen.Int[0, Math.Min(valid.Length, 64)], Gen.Byte.Array[0, 200])
            .Sample((kept, noise) => Try<TRefusal>([.. valid.AsSpan(0, kept), .. noise], read), iter: iter, threads: 1);

    /// <summary>How many bytes the action allocates, whether it reads or refuses.</summary>
    public static long Allocated<TRefusal>(Action read)
        where TRefusal : Exception
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            read();
        }
        catch (TRefusal)
        {
            // as documented
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static byte[] Mutate(byte[] file, (int At, int Length, byte Value, int Kind) change)
    {
        var at = Math.Min(change.At, file.Length);
        var end = Math.Min(file.Length, at + change.Length);
        return change.Kind switch
        {
            0 => file[..at],
            1 => [.. file.AsSpan(0, at), .. file.AsSpan(end)],
            2 => [.. file.AsSpan(0, end), .. file.AsSpan(at)],
            _ => [.. file.AsSpan(0, at), .. Enumerable.Repeat(change.Value, end - at), .. file.AsSpan(end)],
        };
    }

    private static void Try<TRefusal>(byte[] file, Action<byte[]> read)
        where TRefusal : Exception => Allocated<TRefusal>(() => read(file)).Should().BeLessThan(Most);
}
