using System.Security.Cryptography;
using System.Text;

namespace Parceler.Formats.Opkg;

/// <summary>The sha256sums of all feeds of an architecture, in the form of sha256sum -b.</summary>
public static class Sha256Sums
{
    private const string FileName = "sha256sums";
    private const int LongestLine = 8192;

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

    /// <summary>The lines of such a file, in their order; a path is as it stands there.</summary>
    public static IEnumerable<(string Path, byte[] Hash)> Read(Stream file)
    {
        using var lines = new StreamReader(file, Encoding.UTF8, false, 1 << 16, leaveOpen: true);
        for (var number = 1; ReadLine(lines) is { } line; number++)
        {
            if (!line.AsSpan().IsWhiteSpace())
            {
                yield return Parse(line) ?? throw new InvalidDataException($"Line {number} of {FileName} is no SHA-256 and path");
            }
        }
    }

    // "HASH *PATH" of sha256sum -b, or two blanks
    private static (string, byte[])? Parse(string line)
    {
        var hash = new byte[SHA256.HashSizeInBytes];
        const int digits = 2 * SHA256.HashSizeInBytes;
        return line.Length > digits + 2
            && line[digits] == ' '
            && line[digits + 1] is ' ' or '*'
            && Convert.FromHexString(line.AsSpan(0, digits), hash, out _, out _) == System.Buffers.OperationStatus.Done
                ? (line[(digits + 2)..], hash)
                : null;
    }

    // StreamReader.ReadLine would take an endless line into memory
    private static string? ReadLine(StreamReader lines)
    {
        var line = new StringBuilder();
        for (var next = lines.Read(); next is not ('\n' or -1); next = lines.Read())
        {
            line.Append(line.Length < LongestLine ? (char)next : throw new InvalidDataException($"{FileName} has a line of more than {LongestLine} characters"));
        }

        return line.Length > 0 || lines.Peek() >= 0 ? line.ToString().TrimEnd('\r') : null;
    }

    private static string HashOf(string file)
    {
        using var content = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(content));
    }
}
