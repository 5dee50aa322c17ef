using System.Text;
using Parceler.Formats.Compression;
using Parceler.Formats.Signing;

namespace Parceler.Formats.Opkg;

/// <summary>
/// The index of a feed in all its files, as OpenWrt makes them of the stanzas of its packages. They belong together: a machine
/// that gets Packages.gz and Packages.sig of different indexes drops the feed.
/// </summary>
public sealed class OpkgIndex
{
    // OpenWrt drops every line that begins so; a control may hold them, Packages may not
    private static readonly string[] NotInPackages = ["Maintainer", "LicenseFiles", "Source", "Require"];

    private OpkgIndex(IReadOnlyDictionary<string, byte[]> files) => Files = files;

    /// <summary>File name to content: Packages, Packages.gz, Packages.sig, Packages.manifest and index.json.</summary>
    public IReadOnlyDictionary<string, byte[]> Files { get; }

    /// <summary>Of stanzas that name their file: with Filename, Size and SHA256sum.</summary>
    public static OpkgIndex Of(IReadOnlyList<OpkgStanza> stanzas, string architecture, UsignSecretKey key)
    {
        var packages = PackagesOf(stanzas);
        return new(new Dictionary<string, byte[]>
        {
            ["Packages"] = packages,
            ["Packages.gz"] = GzipWriter.Compress(packages),
            ["Packages.manifest"] = Encoding.UTF8.GetBytes(OpkgStanzas.Write(stanzas)),
            ["Packages.sig"] = Encoding.UTF8.GetBytes(key.Sign(packages).ToText()), // over what is unpacked, so it serves both
            ["index.json"] = OpkgIndexJson.Of(stanzas, architecture),
        });
    }

    private static byte[] PackagesOf(IReadOnlyList<OpkgStanza> stanzas)
    {
        var shown = stanzas.Select(stanza => stanza.Without(field => NotInPackages.Any(prefix => field.Name.StartsWith(prefix, StringComparison.Ordinal))));
        var packages = Encoding.UTF8.GetBytes(OpkgStanzas.Write(shown));
        return IsHashedWronglyByOldUsign(packages.Length) ? [.. packages, .. "\n\n"u8] : packages;
    }

    // usign once hashed the key and a message of these lengths wrongly, and old routers still do
    private static bool IsHashedWronglyByOldUsign(int length) => (64 + length) % 128 is 110 or 111;
}
