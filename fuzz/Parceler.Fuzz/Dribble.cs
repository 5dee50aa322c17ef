using Parceler.Formats.Compression;

namespace Parceler.Fuzz;

/// <summary>Gives a file in parts of different lengths, as a network does: what is read may not depend on where the parts end.</summary>
internal sealed class Dribble(byte[] file) : ReadOnlyStream
{
    private static readonly int[] s_lengths = [1, 7, 64, 511, 4096, 3, 65536];
    private int _at;
    private int _reads;

    public override int Read(Span<byte> buffer)
    {
        var count = Math.Min(Math.Min(buffer.Length, s_lengths[_reads++ % s_lengths.Length]), file.Length - _at);
        file.AsSpan(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }
}
