using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Parceler.Formats.Archives;
using Parceler.Formats.Compression;

namespace Parceler.Formats.Apk;

/// <summary>
/// Reads what an .apk of apk 2 says of itself, as an index lists it: gzip members for the signature, the description (.PKGINFO) and the
/// content. The content has to fit the hash in the description. A broken or hostile file is an <see cref="InvalidDataException"/>.
/// </summary>
public sealed class ApkV2Reader(ApkV2Limits limits)
{
    // as apk index writes them; the name in .PKGINFO, of which the values of several lines become words of one
    private static readonly (char Letter, string Name)[] Fields =
    [
        ('P', "pkgname"), ('V', "pkgver"), ('A', "arch"), ('S', ""), ('I', "size"), ('T', "pkgdesc"), ('U', "url"), ('L', "license"), ('o', "origin"),
        ('m', "maintainer"), ('t', "builddate"), ('c', "commit"), ('k', "provider_priority"), ('D', "depend"), ('p', "provides"), ('i', "install_if"),
    ];

    public ApkV2Package Read(Stream apk)
    {
        var counted = new CountedStream(apk);
        var members = new GzipMembers(counted);
        var member = members.Next(limits.Content);
        var control = member is not null && IsSignature(member) ? members.Next(limits.Content) : member;
        var about = Parse(control ?? throw new InvalidDataException("The package describes nothing"));
        CheckContent(about, members.Rest);
        return ToPackage(control, about, counted.Count);
    }

    private bool IsSignature(GzipMembers.Member member) =>
        TarMember.ReadAll(new MemoryStream(member.Content), limits.Signature).Any(entry => ApkV2Signature.Of(entry.Key, entry.Value) is not null);

    private ILookup<string, string> Parse(GzipMembers.Member control)
    {
        var info = TarMember.ReadAll(new MemoryStream(control.Content), limits.Content).FirstOrDefault(entry => entry.Key == ".PKGINFO").Value
            ?? throw new InvalidDataException("The package has no .PKGINFO");
        return Encoding.UTF8.GetString(info).Split('\n')
            .Where(line => !line.StartsWith('#'))
            .Select(line => line.Split(" = ", 2))
            .Where(parts => parts.Length == 2)
            .ToLookup(parts => parts[0], parts => parts[1]);
    }

    private static void CheckContent(ILookup<string, string> about, Stream content)
    {
        if (about["datahash"].FirstOrDefault() is { } hash && !string.Equals(Convert.ToHexStringLower(SHA256.HashData(content)), hash, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidDataException("The content of the package is not that of its description: its hash does not fit");
        }

        content.CopyTo(Stream.Null);
    }

    // the check sum of apk 2 is SHA-1; it tells packages apart, and what is trusted is the signature of the index
    private static ApkV2Package ToPackage(GzipMembers.Member control, ILookup<string, string> about, long size)
    {
#pragma warning disable CA5350
        var lines = new List<KeyValuePair<char, string>> { new('C', $"Q1{Convert.ToBase64String(SHA1.HashData(control.Raw))}") };
#pragma warning restore CA5350
        foreach (var (letter, name) in Fields)
        {
            var value = letter == 'S' ? size.ToString(CultureInfo.InvariantCulture) : string.Join(' ', about[name]);
            if (value.Length > 0)
            {
                lines.Add(new(letter, value));
            }
        }

        var package = new ApkV2Package(lines);
        return package.Name.Length > 0 && package.Version.Length > 0 ? package : throw new InvalidDataException("The package has no name or version");
    }
}
