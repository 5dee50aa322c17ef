using System.Collections.Frozen;

namespace Parceler.Delivery;

/// <summary>Content types of what package repositories hold, by ending; everything else is bytes. Nothing is ever <c>text/html</c>: upstream content must not run in an operator's browser.</summary>
internal static class ContentTypes
{
    private const string Bytes = "application/octet-stream";

    private static readonly FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> s_byEnding = new Dictionary<string, string>
    {
        [".ipk"] = "application/vnd.openwrt.ipk",
        [".apk"] = "application/vnd.alpine-linux.apk",
        [".deb"] = "application/vnd.debian.binary-package",
        [".rpm"] = "application/x-rpm",
        [".gz"] = "application/gzip",
        [".tgz"] = "application/gzip",
        [".xz"] = "application/x-xz",
        [".bz2"] = "application/x-bzip2",
        [".zst"] = "application/zstd",
        [".json"] = "application/json",
        [".xml"] = "application/xml",
        [".asc"] = "application/pgp-signature",
        [".gpg"] = "application/pgp-signature",
        [".txt"] = "text/plain; charset=utf-8",
        [".manifest"] = "text/plain; charset=utf-8",
        [".buildinfo"] = "text/plain; charset=utf-8",
    }.ToFrozenDictionary().GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> s_texts = new[]
    {
        "Packages",
        "Release",
        "InRelease",
        "sha256sums",
        "latest_release",
    }.ToFrozenSet().GetAlternateLookup<ReadOnlySpan<char>>();

    public static string Of(ReadOnlySpan<char> path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        var dot = name.LastIndexOf('.');
        return dot >= 0 && s_byEnding.TryGetValue(name[dot..], out var type) ? type
            : s_texts.Contains(name) ? "text/plain; charset=utf-8"
            : Bytes;
    }
}
