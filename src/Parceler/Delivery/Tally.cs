using System.Numerics;

namespace Parceler.Delivery;

/// <summary>
/// Counts several kinds of things on the request path. Each processor adds in a place of its own, so that they don't take a line of
/// memory from each other at every request; reading adds the places up.
/// </summary>
internal sealed class Tally(int kinds)
{
    private const int Line = 16; // numbers in two lines of memory, which processors fetch together
    private static readonly int s_places = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Min(Environment.ProcessorCount, 64));
    private readonly int _width = (kinds + Line - 1) / Line * Line;
    private readonly long[] _counts = new long[s_places * ((kinds + Line - 1) / Line * Line)];

    public long this[int kind]
    {
        get
        {
            var sum = 0L;
            for (var at = kind; at < _counts.Length; at += _width)
            {
                sum += Volatile.Read(ref _counts[at]);
            }

            return sum;
        }
    }

    public void Add(int kind, long count = 1) => Interlocked.Add(ref _counts[((Thread.GetCurrentProcessorId() & (s_places - 1)) * _width) + kind], count);
}
