using System.Globalization;
using System.Text;
using Parceler.Formats.Apk;

namespace Parceler.Feeds;

/// <summary>Reads the indexes of apk: packages.adb of apk 3, APKINDEX.tar.gz of apk 2. Signatures are inside.</summary>
internal static class ApkFeedReader
{
    private const string IndexSchema = "indx";

    public static FeedHead ReadHead(FeedFiles files, FoundFeed found)
    {
        files.Find(found.Head);
        return new(found, [], null, null, []);
    }

    /// <summary>Null for an .adb that describes something else than an index.</summary>
    public static Feed? Read(FeedFiles files, FeedHead head)
    {
        if (!IsIndexName(head.Found) && !IsOfApk(files, head.Found.Head))
        {
            return null; // the sources of Ada programs end so, too
        }

        using var stream = files.Open(head.Found.Head);
        var file = AdbFile.Read(stream, new() { Length = files.Limits.Index, Payload = files.Limits.Whole });
        return file.Schema == IndexSchema ? Read(ApkIndex.Of(file), files, head) : null;
    }

    public static Feed Read2(FeedFiles files, FeedHead head)
    {
        using var stream = files.Open(head.Found.Head);
        var index = ApkV2Index.Read(stream, new() { Content = files.Limits.Whole });
        var packages = new FeedPackages(head.Found.Root, files.Limits);
        foreach (var package in index.Packages)
        {
            packages.Add(package.Name, package.Version, package.Architecture ?? "noarch", package.FileName, package.Size, HashOf(package));
        }

        return new(head, packages.List, []);
    }

    private static Feed Read(ApkIndex index, FeedFiles files, FeedHead head)
    {
        var packages = new FeedPackages(RootOf(head.Found), files.Limits);
        var spec = index.PackageNames ?? (IsOfArchitectures(head.Found) ? "${arch}/${name}-${version}.apk" : null);
        foreach (var package in index.Packages)
        {
            files.Cancellation.ThrowIfCancellationRequested();
            var path = spec is null ? package.FileName : ApkPath.Of(spec, package);
            packages.Add(package.Name, package.Version, package.Architecture ?? "noarch", path, (long?)package.FileSize, new(FeedHashKind.ApkDescription, package.Hash.Span));
        }

        return new(head, packages.List, []);
    }

    private static bool IsIndexName(FoundFeed found) => FeedPath.NameOf(found.Head).Equals("packages.adb", StringComparison.OrdinalIgnoreCase);

    private static bool IsOfApk(FeedFiles files, string path)
    {
        using var stream = files.Open(path);
        var start = new byte[3];
        return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.AsSpan().SequenceEqual("ADB"u8);
    }

    // a repository of folders for architectures has one index in each of them, and packages for all in a folder of their own
    private static bool IsOfArchitectures(FoundFeed found) => FeedPath.NameOf(found.Head) is "Packages.adb";

    private static string RootOf(FoundFeed found) => IsOfArchitectures(found) ? FeedPath.FolderOf(found.Folder.TrimEnd('/')) : found.Root;

    // "Q1" and base64
    public static FeedHash HashOf(ApkV2Package package)
    {
        Span<byte> sum = stackalloc byte[20];
        return package.Checksum is { Length: > 2 } text && text.StartsWith("Q1", StringComparison.Ordinal) && Convert.TryFromBase64Chars(text.AsSpan(2), sum, out var length)
            ? new(FeedHashKind.Apk2Description, sum[..length])
            : throw new InvalidDataException($"it has no check sum of '{FeedPath.Shown(package.Name)}'");
    }
}

/// <summary>Where an index of apk 3 says that its packages are: <c>${arch}/${name:1}/${name}-${version}.${hash:8}.apk</c>.</summary>
internal static class ApkPath
{
    private const int Longest = 4096; // a short pattern may name a long value any number of times

    public static string Of(string spec, ApkPackage package)
    {
        var path = new StringBuilder();
        for (var rest = spec.AsSpan(); !rest.IsEmpty;)
        {
            var start = rest.IndexOf("${", StringComparison.Ordinal);
            var end = start < 0 ? -1 : rest[start..].IndexOf('}');
            if (end < 0)
            {
                return path.Append(rest).ToString();
            }

            path.Append(rest[..start]).Append(Value(rest[(start + 2)..(start + end)], package));
            rest = path.Length <= Longest ? rest[(start + end + 1)..] : throw new InvalidDataException($"it names its packages by a path of more than {Longest} characters");
        }

        return path.ToString();
    }

    private static string Value(ReadOnlySpan<char> variable, ApkPackage package)
    {
        var colon = variable.IndexOf(':');
        var value = (colon < 0 ? variable : variable[..colon]) switch
        {
            "name" => package.Name,
            "version" => package.Version,
            "arch" => package.Architecture ?? "noarch",
            "hash" => Convert.ToHexStringLower(package.Hash.Span),
            _ => throw new InvalidDataException($"it names its packages by '{FeedPath.Shown(variable)}', which is not known"),
        };
        return colon < 0 ? value
            : int.TryParse(variable[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? value[..Math.Min(length, value.Length)]
            : throw new InvalidDataException($"it names its packages by '{FeedPath.Shown(variable)}', which is not known");
    }
}
