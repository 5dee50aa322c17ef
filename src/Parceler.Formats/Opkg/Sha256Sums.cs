using System.Security.Cryptography;
using System.Text;

namespace Parceler.Formats.Opkg;

/// <summary>The sha256sums of all feeds of an architecture, in the form of sha256sum -b.</summary>
public static class Sha256Sums
{
    private const string FileName = "sha256sums";

    /// <summary>Writes sha256sums into the folder, over all files in and below it.</summary>
    public static void Write(string folder)
    {
        var lines = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file))
            .Where(path => Path.GetFileName(path) != FileName)
            .Order(StringComparer.Ordinal)
            .Select(path => $"{HashOf(Path.Combine(folder, path))} *{path}\n");
        File.WriteAllText(Path.Combine(folder, FileName), string.Concat(lines), new UTF8Encoding(false));
    }

    private static string HashOf(string file)
    {
        using var content = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(content));
    }
}
