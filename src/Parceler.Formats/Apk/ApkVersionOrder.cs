namespace Parceler.Formats.Apk;

/// <summary>
/// The order of versions in apk: number{.number}{letter}{_suffix{number}}{~commit}{-rN}. Source: src/version.c of apk-tools 3.
/// It takes any text: as in apk, two versions that are equal up to where either is no version any more are ordered by what kind of
/// part follows. So it is an order only among valid versions; look with <see cref="IsValid"/> first.
/// </summary>
public sealed class ApkVersionOrder : IComparer<string>
{
    public static readonly ApkVersionOrder Instance = new();

    private ApkVersionOrder()
    {
    }

    public static bool IsValid(string version)
    {
        var part = new ApkVersionPart(version);
        while (part.Kind < ApkVersionPartKind.End)
        {
            part.MoveNext();
        }

        return part.Kind == ApkVersionPartKind.End;
    }

    public int Compare(string? x, string? y) => Compare(x, y, isPrefixEqual: false);

    /// <summary>Whether <paramref name="version"/> begins with the parts of <paramref name="prefix"/>: the '~' of a dependency such as python3~3.12.</summary>
    public static bool Matches(string version, string prefix) => Compare(version, prefix, isPrefixEqual: true) == 0;

    private static int Compare(ReadOnlySpan<char> x, ReadOnlySpan<char> y, bool isPrefixEqual)
    {
        var a = new ApkVersionPart(x);
        var b = new ApkVersionPart(y);
        while (a.Kind == b.Kind && a.Kind < ApkVersionPartKind.End)
        {
            if (a.CompareTo(b) is not 0 and var order)
            {
                return order;
            }

            a.MoveNext();
            b.MoveNext();
        }

        return isPrefixEqual && b.Kind == ApkVersionPartKind.End ? 0 : CompareKinds(a, b);
    }

    // the longer version is newer, but not if it goes on with a suffix such as _rc
    private static int CompareKinds(ApkVersionPart a, ApkVersionPart b) =>
        a.Kind == b.Kind ? 0
        : a.IsBeforeRelease ? -1
        : b.IsBeforeRelease ? 1
        : b.Kind.CompareTo(a.Kind);
}
