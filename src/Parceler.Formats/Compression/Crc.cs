namespace Parceler.Formats.Compression;

/// <summary>The two cyclic check sums of xz: reflected, all ones before and after.</summary>
internal sealed class Crc
{
    private readonly ulong[] _table = new ulong[256];
    private readonly ulong _ones;
    private ulong _state;

    private Crc(ulong polynomial, ulong ones)
    {
        _ones = ones;
        _state = ones;
        for (var at = 0; at < _table.Length; at++)
        {
            _table[at] = Shift(polynomial, (ulong)at);
        }
    }

    /// <summary>The sum of all that was added.</summary>
    public ulong Value => _state ^ _ones;

    public static Crc Of32() => new(0xEDB88320, uint.MaxValue);

    public static Crc Of64() => new(0xC96C5795D7870F42, ulong.MaxValue);

    public static uint Sum32(ReadOnlySpan<byte> bytes)
    {
        var sum = Of32();
        sum.Add(bytes);
        return (uint)sum.Value;
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            _state = _table[(byte)(_state ^ value)] ^ (_state >> 8);
        }
    }

    public void Reset() => _state = _ones;

    private static ulong Shift(ulong polynomial, ulong value)
    {
        for (var bit = 0; bit < 8; bit++)
        {
            value = (value & 1) == 0 ? value >> 1 : (value >> 1) ^ polynomial;
        }

        return value;
    }
}
