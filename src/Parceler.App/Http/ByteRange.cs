using System.Globalization;

namespace Parceler.App.Http;

/// <summary>The part of a file that is sent (RFC 9110, 14). A negative length means that there is no such part.</summary>
/// <param name="Start">First byte.</param>
internal readonly record struct ByteRange(long Start, long Length, bool IsPart)
{
    public static ByteRange Whole(long size) => new(0, size, IsPart: false);

    /// <summary>One range of a <c>Range</c> header. Several at once, other units and broken headers mean the whole file, as the standard allows.</summary>
    public static ByteRange Parse(string? header, long size)
    {
        if (header is null || !header.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase))
        {
            return Whole(size);
        }

        var range = header.AsSpan(6).Trim();
        var dash = range.IndexOf('-');
        if (dash < 0 || range.Contains(','))
        {
            return Whole(size);
        }

        var from = range[..dash].Trim();
        var to = range[(dash + 1)..].Trim();
        return from.IsEmpty ? Last(to, size) : Between(from, to, size);
    }

    private static ByteRange Last(ReadOnlySpan<char> count, long size) =>
        !TryNumber(count, out var last) ? Whole(size)
        : last == 0 || size == 0 ? new(0, -1, IsPart: true)
        : new(Math.Max(0, size - last), Math.Min(last, size), IsPart: true);

    private static ByteRange Between(ReadOnlySpan<char> from, ReadOnlySpan<char> to, long size)
    {
        if (!TryNumber(from, out var start))
        {
            return Whole(size);
        }

        var end = size - 1;
        if (!to.IsEmpty && (!TryNumber(to, out end) || end < start))
        {
            return Whole(size);
        }

        return start >= size ? new(0, -1, IsPart: true) : new(start, Math.Min(end, size - 1) - start + 1, IsPart: true);
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < long.MaxValue;
}
