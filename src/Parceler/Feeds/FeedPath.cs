using Parceler.Storage;

namespace Parceler.Feeds;

/// <summary>Paths as indexes name them, and where they are in the tree.</summary>
internal static class FeedPath
{
    /// <summary>Below it stand the suites of an apt repository.</summary>
    public const string Suites = "/dists/";

    /// <summary>The folder of a path with its '/', or empty.</summary>
    public static string FolderOf(string path) => path[..(path.LastIndexOf('/') + 1)];

    public static ReadOnlySpan<char> NameOf(ReadOnlySpan<char> path) => path[(path.LastIndexOf('/') + 1)..];

    /// <summary>The path in the tree of one that an index names; those that could lead out of it are refused.</summary>
    /// <exception cref="InvalidDataException"/>
    public static string Below(string folder, ReadOnlySpan<char> named)
    {
        while (named.StartsWith("./", StringComparison.Ordinal))
        {
            named = named[2..];
        }

        var path = string.Concat(folder, named);
        return PackagePath.IsValid(path) && !named.IsEmpty ? path : throw new InvalidDataException($"it names the path '{Shown(named)}', which is not below the feed");
    }

    /// <summary>
    /// What a path that a flat suite names is relative to: apt takes it below the address that stands before the suite, and both
    /// <c>URL/binary ./</c> and <c>URL binary/</c> are in use. A path that begins with the suite's own folders tells the second.
    /// </summary>
    public static string RootOfFlat(string folder, ReadOnlySpan<char> named)
    {
        named = named.StartsWith("./", StringComparison.Ordinal) ? named[2..] : named;
        for (var at = 0; at < folder.Length; at = folder.IndexOf('/', at) + 1)
        {
            if (named.StartsWith(folder.AsSpan(at), StringComparison.Ordinal))
            {
                return folder[..at];
            }
        }

        return folder;
    }

    /// <summary>A text out of an index, so short and plain that it can stand in a message.</summary>
    public static string Shown(ReadOnlySpan<char> text)
    {
        const int most = 200;
        Span<char> shown = stackalloc char[Math.Min(text.Length, most)];
        text[..shown.Length].CopyTo(shown);
        foreach (ref var c in shown)
        {
            c = char.IsControl(c) ? '?' : c;
        }

        return text.Length > most ? $"{shown}..." : shown.ToString();
    }
}
