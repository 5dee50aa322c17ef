using System.Text;
using Parceler.Formats.Compression;

namespace Parceler.Feeds;

/// <summary>
/// Whether a file that is named like the head of a feed begins like one. What does is held to it; what does not is a plain file.
/// </summary>
internal static class FeedSniff
{
    private const int Looked = 4096; // bytes

    public static bool LooksLikeFeed(FoundFeed found, FeedTree tree)
    {
        var start = StartOf(found.Head, tree);
        return found.Format switch
        {
            FeedFormat.Opkg => start.Length == 0 || HasLine(start, "Package:"),
            FeedFormat.Apk => start.StartsWith("ADB", StringComparison.Ordinal),
            FeedFormat.Apk2 => start.Contains(".SIGN.", StringComparison.Ordinal) || start.Contains("APKINDEX", StringComparison.Ordinal),
            FeedFormat.Apt => HasLine(start, "-----BEGIN PGP SIGNED MESSAGE-----") || HasLine(start, "Suite:") || HasLine(start, "Codename:") || HasLine(start, "SHA256:"),
            _ => start.Contains("<repomd", StringComparison.Ordinal),
        };
    }

    private static bool HasLine(string text, string begin) =>
        text.StartsWith(begin, StringComparison.Ordinal) || text.Contains($"\n{begin}", StringComparison.Ordinal);

    // Of a packed file what is inside, as far as it can be unpacked.
    private static string StartOf(string path, FeedTree tree)
    {
        using var file = tree.OpenRead(path);
        using var content = CompressedStream.OpenRead(file, CompressedStream.MethodOf(path), new(long.MaxValue));
        var buffer = new byte[Looked];
        var count = 0;
        try
        {
            while (count < buffer.Length && content.Read(buffer, count, buffer.Length - count) is > 0 and var read)
            {
                count += read;
            }

            return Encoding.Latin1.GetString(buffer, 0, count);
        }
        catch (InvalidDataException)
        {
            return count == 0 ? "\0" : Encoding.Latin1.GetString(buffer, 0, count); // damaged is not empty
        }
    }
}
