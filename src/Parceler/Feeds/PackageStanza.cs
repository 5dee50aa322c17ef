using System.Buffers.Text;
using System.Text;

namespace Parceler.Feeds;

/// <summary>
/// Where in a stanza of Packages the values are that tell of which file it is, found in one walk. apt takes names of fields in any case of
/// letters and of a field that stands twice the first; opkg takes exact names and the last.
/// </summary>
internal ref struct PackageStanza
{
    private readonly bool _isApt;

    public PackageStanza(ReadOnlySpan<byte> text, bool isApt)
    {
        _isApt = isApt;
        while (!text.IsEmpty)
        {
            var end = text.IndexOf((byte)'\n');
            var line = end < 0 ? text : text[..end];
            text = end < 0 ? [] : text[(end + 1)..];
            var colon = line is [not (byte)' ' and not (byte)'\t', ..] ? line.IndexOf((byte)':') : -1;
            if (colon > 0)
            {
                Take(line[..colon], line[(colon + 1)..].Trim(" \t\r"u8));
            }
        }
    }

    public ReadOnlySpan<byte> Package { get; private set; }

    public ReadOnlySpan<byte> Version { get; private set; }

    public ReadOnlySpan<byte> Architecture { get; private set; }

    public ReadOnlySpan<byte> Filename { get; private set; }

    public ReadOnlySpan<byte> SizeText { get; private set; }

    public ReadOnlySpan<byte> Sha256 { get; private set; }

    public ReadOnlySpan<byte> Sha512 { get; private set; }

    public ReadOnlySpan<byte> Sha1 { get; private set; }

    public ReadOnlySpan<byte> Md5 { get; private set; }

    /// <summary>Null where there is none; opkg takes 0 for none.</summary>
    public readonly long? Size => SizeText.IsEmpty || (!_isApt && SizeText.SequenceEqual("0"u8)) ? null
        : Utf8Parser.TryParse(SizeText, out long size, out var used) && used == SizeText.Length && size >= 0 ? size
        : throw new InvalidDataException($"it has a size that is none, '{FeedPath.Shown(Encoding.UTF8.GetString(SizeText))}'");

    /// <summary>The strongest there is.</summary>
    public readonly FeedHash Hash => !Sha256.IsEmpty ? FeedHash.Parse(FeedHashKind.Sha256, Sha256)
        : !Sha512.IsEmpty ? FeedHash.Parse(FeedHashKind.Sha512, Sha512)
        : !Sha1.IsEmpty ? FeedHash.Parse(FeedHashKind.Sha1, Sha1)
        : !Md5.IsEmpty ? FeedHash.Parse(FeedHashKind.Md5, Md5)
        : default;

    public readonly void AddTo(FeedPackages packages)
    {
        if (Package.IsEmpty || Version.IsEmpty || Filename.IsEmpty)
        {
            throw new InvalidDataException($"it has a package '{FeedPath.Shown(Encoding.UTF8.GetString(Package))}' without a name, a version or a file");
        }

        packages.Add(
            Encoding.UTF8.GetString(Package),
            Encoding.UTF8.GetString(Version),
            Architecture.IsEmpty ? "all" : Encoding.UTF8.GetString(Architecture),
            Encoding.UTF8.GetString(Filename),
            Size,
            Hash);
    }

    private void Take(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        switch (name.Length)
        {
            case 4 when Is(name, "Size"u8): SizeText = Choose(SizeText, value); break;
            case 4 when Is(name, "SHA1"u8): Sha1 = Choose(Sha1, value); break;
            case 6 when Is(name, "SHA256"u8): Sha256 = Choose(Sha256, value); break;
            case 6 when Is(name, "SHA512"u8): Sha512 = Choose(Sha512, value); break;
            case 6 when Is(name, "MD5sum"u8) || Is(name, "MD5Sum"u8): Md5 = Choose(Md5, value); break;
            case 7 when Is(name, "Package"u8): Package = Choose(Package, value); break;
            case 7 when Is(name, "Version"u8): Version = Choose(Version, value); break;
            case 8 when Is(name, "Filename"u8): Filename = Choose(Filename, value); break;
            case 9 when Is(name, "SHA256sum"u8): Sha256 = Choose(Sha256, value); break;
            case 12 when Is(name, "Architecture"u8): Architecture = Choose(Architecture, value); break;
        }
    }

    private readonly bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> field) => _isApt ? Ascii.EqualsIgnoreCase(name, field) : name.SequenceEqual(field);

    private readonly ReadOnlySpan<byte> Choose(ReadOnlySpan<byte> before, ReadOnlySpan<byte> value) => _isApt && !before.IsEmpty ? before : value;
}
