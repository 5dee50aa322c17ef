namespace Parceler.Formats.Versions;

/// <summary>
/// The order of versions in dpkg, apt and opkg: [epoch:]version[-revision], and '~' sorts before everything, even the end.
/// Source: Debian policy 5.6.12, lib/dpkg/version.c.
/// </summary>
public sealed class DpkgVersionOrder : IComparer<string>
{
    public static readonly DpkgVersionOrder Instance = new();

    private DpkgVersionOrder()
    {
    }

    /// <summary>Compares any two texts: what is no version still has its place.</summary>
    public int Compare(string? x, string? y)
    {
        var a = Split(x);
        var b = Split(y);
        return CompareParts(a.Epoch, b.Epoch) is not 0 and var epoch ? epoch
            : CompareParts(a.Version, b.Version) is not 0 and var version ? version
            : CompareParts(a.Revision, b.Revision);
    }

    private static Parts Split(string? text)
    {
        var rest = text.AsSpan().Trim();
        var colon = rest.IndexOf(':');
        var epoch = colon < 0 ? [] : rest[..colon];
        rest = rest[(colon + 1)..];
        var dash = rest.LastIndexOf('-');
        return dash < 0 ? new(epoch, rest, []) : new(epoch, rest[..dash], rest[(dash + 1)..]);
    }

    // in turn: characters that are no digits one by one, then a run of digits as a number
    private static int CompareParts(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        while (!a.IsEmpty || !b.IsEmpty)
        {
            while (!StartsNumber(a) || !StartsNumber(b))
            {
                if (Weight(a) - Weight(b) is not 0 and var difference)
                {
                    return Math.Sign(difference);
                }

                if (Weight(a) == 0)
                {
                    break; // the end of one against the end or a digit of the other
                }

                a = a[1..];
                b = b[1..];
            }

            if (CompareNumbers(ref a, ref b) is not 0 and var order)
            {
                return order;
            }
        }

        return 0;
    }

    private static int CompareNumbers(ref ReadOnlySpan<char> a, ref ReadOnlySpan<char> b)
    {
        var x = TakeNumber(ref a);
        var y = TakeNumber(ref b);
        return x.Length != y.Length ? x.Length.CompareTo(y.Length) : Math.Sign(x.SequenceCompareTo(y));
    }

    /// <summary>Cuts the leading digits off; returns them without leading zeros, so that a longer one is a larger number.</summary>
    private static ReadOnlySpan<char> TakeNumber(ref ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAnyExceptInRange('0', '9');
        var digits = end < 0 ? text : text[..end];
        text = text[digits.Length..];
        return digits.TrimStart('0');
    }

    private static bool StartsNumber(ReadOnlySpan<char> text) => !text.IsEmpty && char.IsAsciiDigit(text[0]);

    private static int Weight(ReadOnlySpan<char> text) => text switch
    {
        [] => 0,
        ['~', ..] => -1,
        [var c, ..] when char.IsAsciiDigit(c) => 0,
        [var c, ..] when char.IsAsciiLetter(c) => c,
        [var c, ..] => c + 256,
    };

    private readonly ref struct Parts(ReadOnlySpan<char> epoch, ReadOnlySpan<char> version, ReadOnlySpan<char> revision)
    {
        public ReadOnlySpan<char> Epoch { get; } = epoch;

        public ReadOnlySpan<char> Version { get; } = version;

        public ReadOnlySpan<char> Revision { get; } = revision;
    }
}
