using Parceler.Feeds;
using Parceler.Formats.Apt;
using Parceler.Repositories;

namespace Parceler.Upstreams.Mirrors;

/// <summary>Which indexes of those that a head names are taken: all of a repository of rpm, and what apt needs of a suite.</summary>
internal sealed class IndexChoice(MirrorSettings settings)
{
    private static readonly string[] s_packed = [".xz", ".gz", ".zst"];

    /// <param name="release">What the head says; of a suite of apt only.</param>
    public List<TreeFile> Of(FeedHead head, AptRelease? release) =>
        release is null
            ? [.. head.Indexes.Select(index => ToFile(head, index, !index.IsNeeded))]
            : [.. head.Indexes.Where(index => head.Found.IsFlat ? IsWantedOfFlat(index.Type) : IsWanted(index.Type, release)).GroupBy(ContentOf, StringComparer.Ordinal).SelectMany(forms => Forms(head, [.. forms]))];

    /// <summary>The path of an index without the ending of its packing: the content that it is one form of.</summary>
    public static string ContentOf(FeedIndex index) => index.Path[..^EndingOf(index.Path).Length];

    // apt asks for any of the packed ones; the plain one is named for its size, and seldom there
    private static IEnumerable<TreeFile> Forms(FeedHead head, FeedIndex[] forms)
    {
        var packed = forms.Where(form => s_packed.Contains(EndingOf(form.Path))).ToList();
        return (packed.Count > 0 ? packed : [.. forms]).Select(form => ToFile(head, form, isOptional: true));
    }

    private static TreeFile ToFile(FeedHead head, FeedIndex index, bool isOptional) =>
        new(index.Path, index.Size, index.Hash, head.Found.Head) { AlsoAt = index.ByHashPath, IsOptional = isOptional };

    private bool IsWanted(string type, AptRelease release)
    {
        var parts = type.Split('/');
        var component = string.Join('/', parts.SkipLast(2));
        return parts.Length >= 2
            && IsPart(parts[^2], parts[^1], release)
            && IsComponent(component, release)
            && (settings.Components.Count == 0 || settings.Components.Contains(component));
    }

    // the translations of a flat suite are a file of the language's name
    private static bool IsWantedOfFlat(string type) => IsName(type, "Packages") || IsName(type, "en");

    // Suites for security call a component updates/main, and have its indexes in main; what they list beside are other things.
    private static bool IsComponent(string name, AptRelease release) =>
        release.Components.Count == 0 || release.Components.Any(known => known == name || known.EndsWith($"/{name}", StringComparison.Ordinal));

    // binary-amd64/Packages.xz, i18n/Translation-en.xz
    private bool IsPart(string folder, string name, AptRelease release) =>
        folder.StartsWith("binary-", StringComparison.Ordinal)
            ? IsName(name, "Packages") && IsArchitecture(folder["binary-".Length..], release)
            : folder == "i18n" && IsName(name, "Translation-en");

    private bool IsArchitecture(string name, AptRelease release) =>
        name == "all"
            ? !release.Architectures.Contains("all") ? false : release.Stanza["No-Support-for-Architecture-all"] != "Packages"
            : settings.Architectures.Count == 0 || settings.Architectures.Contains(name);

    private static bool IsName(string name, string wanted) => name[..^EndingOf(name).Length] == wanted;

    private static string EndingOf(string path) => Path.GetExtension(path) is ".xz" or ".gz" or ".zst" or ".bz2" or ".lzma" ? Path.GetExtension(path) : "";
}
