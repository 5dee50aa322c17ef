namespace Parceler.Formats.Rpm;

/// <summary>
/// The order of versions in rpm, dnf and zypper. It compares one part, a version or a release; '~' sorts before everything, '^' after the end
/// but before any other text. An <see cref="RpmEvr"/> has an epoch too. Source: rpmio/rpmvercmp.c of rpm 4.15 and later.
/// </summary>
public sealed class RpmVersionOrder : IComparer<string>, IComparer<RpmEvr>
{
    public static readonly RpmVersionOrder Instance = new();

    private RpmVersionOrder()
    {
    }

    /// <summary>Compares any two texts; characters that are neither letters nor digits only part the others. Null counts as empty.</summary>
    public int Compare(string? x, string? y) => x == y ? 0 : CompareParts(x, y);

    /// <summary>Compares epochs, versions, releases. Without a release is older than with any.</summary>
    public int Compare(RpmEvr x, RpmEvr y) =>
        x.Epoch.CompareTo(y.Epoch) is not 0 and var epoch ? epoch
        : Compare(x.Version, y.Version) is not 0 and var version ? version
        : (x.Release is null) != (y.Release is null) ? (x.Release is null ? -1 : 1)
        : Compare(x.Release, y.Release);

    private static int CompareParts(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        while (true)
        {
            a = SkipSeparators(a);
            b = SkipSeparators(b);
            if (Rank(a) != Rank(b))
            {
                return Rank(a).CompareTo(Rank(b));
            }

            if (a.IsEmpty)
            {
                return 0;
            }

            if (CompareNext(ref a, ref b) is not 0 and var order)
            {
                return order;
            }
        }
    }

    // both begin alike: with '~', '^', or a letter or digit
    private static int CompareNext(ref ReadOnlySpan<char> a, ref ReadOnlySpan<char> b)
    {
        if (a[0] is '~' or '^')
        {
            a = a[1..];
            b = b[1..];
            return 0;
        }

        return char.IsAsciiDigit(a[0])
            ? CompareNumbers(Take(ref a, char.IsAsciiDigit), Take(ref b, char.IsAsciiDigit))
            : CompareWords(Take(ref a, char.IsAsciiLetter), Take(ref b, char.IsAsciiLetter));
    }

    // a number is newer than a word or nothing, a word than nothing
    private static int CompareNumbers(ReadOnlySpan<char> x, ReadOnlySpan<char> y)
    {
        if (y.IsEmpty)
        {
            return 1;
        }

        x = x.TrimStart('0');
        y = y.TrimStart('0');
        return x.Length != y.Length ? x.Length.CompareTo(y.Length) : Math.Sign(x.SequenceCompareTo(y));
    }

    private static int CompareWords(ReadOnlySpan<char> x, ReadOnlySpan<char> y) => y.IsEmpty ? -1 : Math.Sign(x.SequenceCompareTo(y));

    // '~' is older than the end of the other, '^' newer than it, and both older than any text
    private static int Rank(ReadOnlySpan<char> text) => text switch
    {
        ['~', ..] => 0,
        [] => 1,
        ['^', ..] => 2,
        _ => 3,
    };

    private static ReadOnlySpan<char> SkipSeparators(ReadOnlySpan<char> text)
    {
        var at = 0;
        while (at < text.Length && !char.IsAsciiLetterOrDigit(text[at]) && text[at] is not ('~' or '^'))
        {
            at++;
        }

        return text[at..];
    }

    private static ReadOnlySpan<char> Take(ref ReadOnlySpan<char> text, Func<char, bool> wanted)
    {
        var end = 0;
        while (end < text.Length && wanted(text[end]))
        {
            end++;
        }

        var taken = text[..end];
        text = text[end..];
        return taken;
    }
}
