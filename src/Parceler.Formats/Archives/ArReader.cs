using System.Globalization;
using System.Text;

namespace Parceler.Formats.Archives;

/// <summary>Reads the members of an ar archive, the outer form of a .deb, in their order. Source: ar(5), deb(5).</summary>
internal sealed class ArReader(Stream archive)
{
    private const int HeaderLength = 60;
    private const int NameLength = 16;
    private const int SizeAt = 48;
    private const int SizeLength = 10;
    private ArMember? _last;

    /// <summary>The next member, or null at the end.</summary>
    public ArMember? Next()
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        if (_last is null)
        {
            Begin(header[..8]);
        }

        _last?.Content.SkipRest();
        var read = archive.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false);
        return read switch
        {
            0 => null,
            HeaderLength when header.EndsWith("`\n"u8) => Member(header),
            _ => throw Damaged(),
        };
    }

    private void Begin(Span<byte> magic)
    {
        if (archive.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) < magic.Length || !magic.SequenceEqual("!<arch>\n"u8))
        {
            throw new InvalidDataException("The package is no ar archive");
        }
    }

    private ArMember Member(ReadOnlySpan<byte> header)
    {
        var name = Encoding.Latin1.GetString(header[..NameLength]).TrimEnd().TrimEnd('/');
        if (!long.TryParse(header.Slice(SizeAt, SizeLength).TrimEnd((byte)' '), NumberStyles.None, CultureInfo.InvariantCulture, out var size))
        {
            throw Damaged();
        }

        return _last = new(name, size, new(archive, size));
    }

    private static InvalidDataException Damaged() => new("The ar archive is damaged or cut short");
}
