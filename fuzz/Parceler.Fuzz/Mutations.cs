using System.Buffers.Binary;
using System.Text;

namespace Parceler.Fuzz;

/// <summary>Changes inputs at random, without a look at what the reader does: quick, and the same for the same seed.</summary>
public sealed class Mutations(FuzzTarget target, int seed)
{
    private static readonly long[] s_numbers = [0, 1, -1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, int.MaxValue, uint.MaxValue, long.MaxValue, long.MinValue];
    private readonly Random _random = new(seed);
    private readonly byte[][] _seeds = [.. target.Seeds().Where(input => (input[0] & FuzzTarget.IsShort) == 0)]; // long files take long
    private readonly byte[][] _words = [.. target.Words.Select(Encoding.Latin1.GetBytes)];

    /// <summary>One more input.</summary>
    public byte[] Next()
    {
        var input = _seeds[_random.Next(_seeds.Length)];
        for (var changes = 1 + _random.Next(4); changes > 0; changes--)
        {
            input = Change(input);
        }

        return input;
    }

    private byte[] Change(byte[] input)
    {
        var at = Math.Min(input.Length, 1 + _random.Next(input.Length + 1)); // the first byte says which reader it is for
        var end = Math.Min(input.Length, at + 1 + _random.Next(16));
        return _random.Next(8) switch
        {
            0 => input[..at],
            1 => Replace(input, at, end, []),
            2 => Replace(input, end, end, input.AsSpan(at, end - at)),
            3 => Replace(input, at, at, Word()),
            4 => Replace(input, at, end, Word()),
            5 => Replace(input, at, Math.Min(input.Length, at + 4), Number()),
            6 => Splice(input, at),
            _ => Replace(input, at, Math.Min(input.Length, at + 1), [(byte)_random.Next(256)]),
        };
    }

    private byte[] Word() => _words.Length > 0 ? _words[_random.Next(_words.Length)] : Number();

    private byte[] Number()
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, s_numbers[_random.Next(s_numbers.Length)]);
        return bytes[..(1 << _random.Next(4))];
    }

    private byte[] Splice(byte[] input, int at)
    {
        var other = _seeds[_random.Next(_seeds.Length)];
        return [.. input.AsSpan(0, at), .. other.AsSpan(Math.Min(at, other.Length))];
    }

    private static byte[] Replace(byte[] input, int at, int end, ReadOnlySpan<byte> by) => [.. input.AsSpan(0, at), .. by, .. input.AsSpan(end)];
}
