using Parceler.Formats.Apt;
using Parceler.Formats.Signing;

namespace Parceler.Feeds;

/// <summary>
/// Reads a suite of apt: InRelease or Release, and the Packages of those architectures that are there. A mirror need not have all that a
/// Release names; what it has must be what the Release names.
/// </summary>
internal static class AptFeedReader
{
    public const string InRelease = "InRelease";
    private static readonly string[] Extensions = ["", ".zst", ".gz", ".xz"]; // the fastest first

    public static FeedHead ReadHead(FeedFiles files, FoundFeed found)
    {
        var release = Parse(files.ReadWhole(found.Head), IsInline(found.Head));
        var indexes = release.Files.GroupBy(file => file.Path, StringComparer.Ordinal).Select(file => IndexOf(found, release, file)).ToList();
        return indexes.Count > 0
            ? new(found, SignaturesOf(files, found), release.Date, release.ValidUntil, indexes, IsSecurity(found, release))
            : throw new InvalidDataException("its Release names no index by SHA-256 or SHA-512");
    }

    public static Feed Read(FeedFiles files, FeedHead head)
    {
        var present = PackagesOf(files, head).ToList();
        if (present.Count == 0 && head.Indexes.Any(index => ContentOf(index) is not null))
        {
            throw new FeedFaultException("none of the Packages that its Release names is there");
        }

        var packages = new FeedPackages(head.Found.Root, files.Limits, head.Found.IsFlat);
        foreach (var (path, name) in present)
        {
            ReadStanzas(files, path, name, packages);
        }

        var list = present.Count > 1 ? [.. packages.List.DistinctBy(package => (package.Path, package.Hash))] : packages.List; // each architecture lists what is for all
        return new(head, head.SecurityClass ? [.. list.Select(package => package with { FixedIn = package.Version })] : list, []);
    }

    /// <summary>What a Release or an InRelease says; not whether it is genuine.</summary>
    public static AptRelease Parse(byte[] file, bool isInline) => AptRelease.Parse(isInline ? ClearsignedText.Parse(file).Text : file);

    public static bool IsInline(string head) => FeedPath.NameOf(head) is InRelease;

    private static List<string> SignaturesOf(FeedFiles files, FoundFeed found)
    {
        var detached = $"{found.Folder}Release.gpg";
        return [.. IsInline(found.Head) ? new[] { found.Head } : [], .. files.Has(detached) && files.Has($"{found.Folder}Release") ? new[] { detached } : []];
    }

    private static FeedIndex IndexOf(FoundFeed found, AptRelease release, IEnumerable<ReleaseFile> listed)
    {
        var file = listed.FirstOrDefault(file => file.Kind == AptHash.SHA256) ?? listed.First();
        var strongest = listed.FirstOrDefault(file => file.Kind == release.StrongestHash) ?? file;
        var hash = FeedHash.Parse(file.Kind == AptHash.SHA256 ? FeedHashKind.Sha256 : FeedHashKind.Sha512, file.Hash);
        var byHash = release.HasByHash ? FeedPath.Below(found.Folder, strongest.ByHashPath) : null;
        return new(file.Path, FeedPath.Below(found.Folder, file.Path), file.Size, hash, byHash, IsNeeded: false);
    }

    private static bool IsSecurity(FoundFeed found, AptRelease release) =>
        new[] { release.Suite, release.Codename, found.Name }.Any(name => name?.EndsWith("-security", StringComparison.Ordinal) == true);

    /// <summary>For a Packages, however packed, the path without the ending of the packing: the content that it is one form of.</summary>
    public static string? ContentOf(FeedIndex index) =>
        Extensions.FirstOrDefault(extension => FeedPath.NameOf(index.Type).SequenceEqual($"Packages{extension}")) is { } found ? index.Path[..^found.Length] : null;

    private static IEnumerable<(string Path, string Name)> PackagesOf(FeedFiles files, FeedHead head)
    {
        foreach (var forms in head.Indexes.Where(index => ContentOf(index) is not null).GroupBy(ContentOf, StringComparer.Ordinal))
        {
            var ordered = forms.OrderBy(index => Array.FindIndex(Extensions, extension => index.Path.Length == forms.Key!.Length + extension.Length && index.Path.EndsWith(extension, StringComparison.Ordinal)));
            if (Choose(files, [.. ordered]) is { } chosen)
            {
                yield return chosen;
            }
        }
    }

    // the first that is what the Release says; machines ask for the one by its hash first
    private static (string Path, string Name)? Choose(FeedFiles files, List<FeedIndex> forms)
    {
        string? wrong = null;
        foreach (var form in forms)
        {
            foreach (var path in new[] { form.Path, form.ByHashPath }.OfType<string>())
            {
                if (files.Find(path) is { } file)
                {
                    if (form.Hash.Fits(file.Digest) != false && file.Size == form.Size)
                    {
                        return (path, form.Path);
                    }

                    wrong = path;
                }
            }
        }

        return wrong is null ? null : throw new FeedFaultException($"'{wrong}' is not the index that its Release names: size or hash differ");
    }

    private static void ReadStanzas(FeedFiles files, string path, string name, FeedPackages packages)
    {
        using var index = files.OpenIndex(path, name);
        var stanzas = new DebStanzaReader(index);
        while (stanzas.Read())
        {
            files.Cancellation.ThrowIfCancellationRequested();
            new PackageStanza(stanzas.Current.Text.Span, isApt: true).AddTo(packages);
        }
    }
}
