using System.Buffers;
using System.Globalization;

namespace Parceler.Formats.Apt;

/// <summary>One line of a check sum section of a Release file.</summary>
/// <param name="Path">Relative to the folder of the Release, without "..", such as main/binary-amd64/Packages.xz.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Hash">Lower-case hexadecimal digits of the sum named by <paramref name="Kind"/>.</param>
public sealed record ReleaseFile(string Path, long Size, AptHash Kind, string Hash)
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>The second name of the file, under which it stays the same when the repository changes: by-hash/SHA256/HEX beside it.</summary>
    public string ByHashPath => $"{Path[..(Path.LastIndexOf('/') + 1)]}by-hash/{Kind}/{Hash}";

    internal static ReleaseFile Parse(ReadOnlySpan<char> line, AptHash kind)
    {
        var words = line.Trim();
        var hash = TakeWord(ref words);
        var isNumber = long.TryParse(TakeWord(ref words), NumberStyles.None, CultureInfo.InvariantCulture, out var size);
        return isNumber && hash.Length == HashLength(kind) && IsHex(hash) && IsBelow(words)
            ? new(words.ToString(), size, kind, hash.ToString().ToLowerInvariant())
            : throw new InvalidDataException($"The Release has a line in {kind} that is no sum, size and path below it");
    }

    internal static int HashLength(AptHash kind) => kind == AptHash.SHA256 ? 64 : 128;

    // apt itself never asks for a path above the folder, so one is an attack
    private static bool IsBelow(ReadOnlySpan<char> path)
    {
        foreach (var part in path.Split('/'))
        {
            if (path[part] is "" or "." or "..")
            {
                return false;
            }
        }

        return !path.ContainsAny("\0\\ \t");
    }

    private static bool IsHex(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(HexDigits);

    private static ReadOnlySpan<char> TakeWord(ref ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAny(' ', '\t') is var found and >= 0 ? found : text.Length;
        var word = text[..end];
        text = text[end..].TrimStart(" \t");
        return word;
    }
}
