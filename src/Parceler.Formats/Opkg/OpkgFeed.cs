using System.Globalization;
using System.Security.Cryptography;
using Parceler.Formats.Signing;

namespace Parceler.Formats.Opkg;

/// <summary>A folder of .ipk files that becomes a feed. It is written in place, so nobody may be reading it meanwhile.</summary>
public sealed class OpkgFeed(string folder, string architecture)
{
    // OpenWrt keeps these two out of its feeds: they belong to the image and can't be upgraded alone
    private static readonly string[] NotInFeeds = ["kernel", "libc"];

    private readonly IpkReader _reader = new(IpkLimits.Default);

    /// <summary>Writes the files of the index beside the packages.</summary>
    public void WriteIndex(UsignSecretKey key)
    {
        foreach (var (name, content) in OpkgIndex.Of(ReadStanzas(), architecture, key).Files)
        {
            File.WriteAllBytes(Path.Combine(folder, name), content);
        }
    }

    private OpkgStanza[] ReadStanzas() =>
        [.. Directory.EnumerateFiles(folder, "*.ipk", SearchOption.AllDirectories)
            .Where(file => !NotInFeeds.Contains(Path.GetFileName(file).Split('_')[0]))
            .Order(StringComparer.Ordinal)
            .Select(ReadStanza)];

    private OpkgStanza ReadStanza(string file)
    {
        using var content = File.OpenRead(file);
        var control = _reader.ReadControl(content);
        content.Position = 0;
        return control.With(
            new("Filename", $" {Path.GetRelativePath(folder, file)}"),
            new("Size", $" {content.Length.ToString(CultureInfo.InvariantCulture)}"),
            new("SHA256sum", $" {Convert.ToHexStringLower(SHA256.HashData(content))}"));
    }
}
