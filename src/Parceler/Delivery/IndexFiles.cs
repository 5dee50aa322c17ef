using System.Buffers;

namespace Parceler.Delivery;

/// <summary>Which files are indexes: what a machine reads to learn what there is, and what must not be mixed between snapshots.</summary>
internal static class IndexFiles
{
    private const int ShortestDigest = 32; // hex digits of MD5
    private static readonly SearchValues<char> s_hex = SearchValues.Create("0123456789abcdefABCDEF");

    public static PathKind KindOf(ReadOnlySpan<char> path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        return name is "latest_release" ? PathKind.LatestRelease
            : IsBelow(path, "by-hash") ? PathKind.HashedIndex
            : IsHead(name) ? PathKind.HeadIndex
            : IsBelow(path, "repodata") ? (BeginsWithDigest(name) ? PathKind.HashedIndex : PathKind.Index)
            : IsOther(name) ? PathKind.Index
            : PathKind.Package;
    }

    private static bool IsHead(ReadOnlySpan<char> name) =>
        name is "Packages" or "Packages.gz" or "APKINDEX.tar.gz" or "InRelease" or "Release" or "repomd.xml" || name.EndsWith(".adb");

    private static bool IsOther(ReadOnlySpan<char> name) =>
        name.StartsWith("Packages") || name.StartsWith("Release") || name.StartsWith("sha256sums") || name is "index.json";

    private static bool BeginsWithDigest(ReadOnlySpan<char> name)
    {
        var end = name.IndexOfAnyExcept(s_hex);
        return end >= ShortestDigest && name[end] == '-';
    }

    private static bool IsBelow(ReadOnlySpan<char> path, ReadOnlySpan<char> folder)
    {
        foreach (var range in path.Split('/'))
        {
            if (path[range].SequenceEqual(folder) && range.End.GetOffset(path.Length) < path.Length)
            {
                return true;
            }
        }

        return false;
    }
}
