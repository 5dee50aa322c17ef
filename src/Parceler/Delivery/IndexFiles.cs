namespace Parceler.Delivery;

/// <summary>Which files are indexes: what a machine reads to learn what there is, and what must not be mixed between snapshots.</summary>
internal static class IndexFiles
{
    public static bool IsIndex(ReadOnlySpan<char> path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        return name.StartsWith("Packages")
            || name.EndsWith(".adb")
            || name.StartsWith("Release")
            || name.StartsWith("sha256sums")
            || name is "APKINDEX.tar.gz" or "InRelease" or "index.json"
            || IsBelow(path, "by-hash")
            || IsBelow(path, "repodata");
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
