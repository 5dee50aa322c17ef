namespace Parceler.Formats.Compression;

/// <summary>Numbers in xz: seven bits in a byte, the lowest first, at most nine bytes.</summary>
internal static class XzNumber
{
    private const int Longest = 9;

    public static long Read(Func<byte> next)
    {
        var value = 0L;
        for (var at = 0; at < Longest; at++)
        {
            var part = next();
            value |= (long)(part & 0x7f) << (7 * at);
            if ((part & 0x80) == 0)
            {
                return part == 0 && at > 0 ? throw XzSource.Damaged() : value;
            }
        }

        throw XzSource.Damaged();
    }
}
