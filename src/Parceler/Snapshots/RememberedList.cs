using System.Text;
using Parceler.Storage;
using ZstdSharp;

namespace Parceler.Snapshots;

/// <summary>
/// A list in a file that only saves work: replaced whole when it is saved, and empty when it is absent, damaged or of another kind.
/// </summary>
internal static class RememberedList
{
    /// <param name="magic">Says of which kind the list is.</param>
    public static Dictionary<string, T> Load<T>(string file, string magic, Func<BinaryReader, (string Key, T Item)> read)
    {
        try
        {
            using var zstd = new DecompressionStream(new MemoryStream(File.ReadAllBytes(file)));
            using var reader = new BinaryReader(zstd, Encoding.UTF8);
            return reader.ReadString() == magic ? Read(reader, read) : [];
        }
        catch (Exception e) when (e is IOException or ZstdException or ArgumentException or FormatException)
        {
            return [];
        }
    }

    public static void Save<T>(string file, string magic, IReadOnlyCollection<T> items, Action<BinaryWriter, T> write)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using (var zstd = new CompressionStream(File.Create(file + ".new"), 1, leaveOpen: false))
        using (var writer = new BinaryWriter(new BufferedStream(zstd, 1 << 16), Encoding.UTF8))
        {
            writer.Write(magic);
            writer.Write(items.Count);
            foreach (var item in items)
            {
                write(writer, item);
            }
        }

        File.Move(file + ".new", file, overwrite: true);
    }

    public static Digest ReadDigest(this BinaryReader reader) => new(reader.ReadBytes(Digest.Size));

    private static Dictionary<string, T> Read<T>(BinaryReader reader, Func<BinaryReader, (string Key, T Item)> read)
    {
        var count = reader.ReadInt32();
        var known = new Dictionary<string, T>(Math.Clamp(count, 0, 1_000_000), StringComparer.Ordinal);
        for (var at = 0; at < count; at++)
        {
            var (key, item) = read(reader);
            known[key] = item;
        }

        return known;
    }
}
