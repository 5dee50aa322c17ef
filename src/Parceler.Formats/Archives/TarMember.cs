using System.Text;

namespace Parceler.Formats.Archives;

/// <summary>
/// Finds one file in a tar archive that came from outside. It knows no PAX headers, as opkg and apk, and never holds
/// more than that file; TarReader would hold a long name of any size.
/// </summary>
internal static class TarMember
{
    private const int Block = 512;
    private const int NameLength = 100;
    private const int SizeAt = 124;
    private const int ChecksumAt = 148;
    private const int TypeAt = 156;
    private const int FolderAt = 345;

    /// <summary>The content of the regular file, or null if there is none. Reads to the end, and refuses a name that stands twice.</summary>
    public static byte[]? Read(Stream tar, string name, int limit)
    {
        byte[]? found = null;
        var header = new byte[Block];
        while (Fill(tar, header) && header.AsSpan().ContainsAnyExcept((byte)0))
        {
            var size = SizeOf(header);
            if (!IsFile(header, name))
            {
                Skip(tar, Padded(size));
                continue;
            }

            found = found is null ? Content(tar, size, name, limit) : throw new InvalidDataException($"The archive has {name} twice");
        }

        tar.CopyTo(Stream.Null);
        return found;
    }

    /// <summary>All regular files with their names, without "./", in their order. Holds each, so the archive has to be small.</summary>
    public static IEnumerable<KeyValuePair<string, byte[]>> ReadAll(Stream tar, int limit)
    {
        var header = new byte[Block];
        while (Fill(tar, header) && header.AsSpan().ContainsAnyExcept((byte)0))
        {
            var size = SizeOf(header);
            if (header[TypeAt] is 0 or (byte)'0')
            {
                var name = NameOf(header);
                yield return new(name, Content(tar, size, name, limit));
            }
            else
            {
                Skip(tar, Padded(size));
            }
        }
    }

    private static byte[] Content(Stream tar, long size, string name, int limit)
    {
        if (size > limit)
        {
            throw new InvalidDataException($"{name} has {size} bytes, more than {limit}");
        }

        using var content = new MemoryStream(); // grows with what is there, not with what the header says
        Copy(tar, size, content);
        Skip(tar, Padded(size) - size);
        return content.ToArray();
    }

    private static bool IsFile(ReadOnlySpan<byte> header, string name) =>
        header[TypeAt] is 0 or (byte)'0' && header[FolderAt] == 0 && NameOf(header) == name;

    private static string NameOf(ReadOnlySpan<byte> header)
    {
        var text = Encoding.Latin1.GetString(UntilNul(header[..NameLength]));
        return text.StartsWith("./", StringComparison.Ordinal) ? text[2..] : text;
    }

    private static long SizeOf(ReadOnlySpan<byte> header)
    {
        if (Octal(header.Slice(ChecksumAt, 8)) != Checksum(header))
        {
            throw new InvalidDataException("The archive is damaged: the check sum of a header does not fit");
        }

        return Octal(header.Slice(SizeAt, 12));
    }

    private static long Octal(ReadOnlySpan<byte> field)
    {
        var value = 0L;
        foreach (var digit in UntilNul(field).Trim((byte)' '))
        {
            value = digit is >= (byte)'0' and <= (byte)'7' ? (value * 8) + digit - '0' : throw new InvalidDataException("The archive is damaged: a header has no octal number");
        }

        return value;
    }

    // the field itself counts as blanks
    private static long Checksum(ReadOnlySpan<byte> header)
    {
        var sum = 8L * ' ';
        for (var i = 0; i < Block; i++)
        {
            sum += i is >= ChecksumAt and < ChecksumAt + 8 ? 0 : header[i];
        }

        return sum;
    }

    private static bool Fill(Stream tar, byte[] block) => tar.ReadAtLeast(block, Block, throwOnEndOfStream: false) switch
    {
        0 => false,
        Block => true,
        _ => throw Short(),
    };

    private static void Skip(Stream tar, long count) => Copy(tar, count, Stream.Null);

    private static void Copy(Stream tar, long count, Stream output)
    {
        Span<byte> buffer = stackalloc byte[4096];
        while (count > 0)
        {
            var read = tar.Read(buffer[..(int)Math.Min(count, buffer.Length)]);
            output.Write(buffer[..read]);
            count -= read > 0 ? read : throw Short();
        }
    }

    private static ReadOnlySpan<byte> UntilNul(ReadOnlySpan<byte> field) => field.IndexOf((byte)0) is var end and >= 0 ? field[..end] : field;

    private static long Padded(long size) => (size + Block - 1) / Block * Block;

    private static InvalidDataException Short() => new("The archive is cut short");
}
