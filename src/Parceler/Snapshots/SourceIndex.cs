using System.Text;
using Parceler.Storage;
using ZstdSharp;

namespace Parceler.Snapshots;

/// <summary>What the last sync read: digest by path, with the state of the file at that time.</summary>
internal readonly record struct KnownFile(FileStat Stat, Digest Digest);

/// <summary>
/// Remembers what was read, so that an unchanged file is not read again. Only a saving of time: without it, or with a
/// damaged one, every file is read.
/// </summary>
internal static class SourceIndex
{
    private const string Magic = "parceler source index 1";

    public static Dictionary<string, KnownFile> Load(string file)
    {
        var known = new Dictionary<string, KnownFile>(StringComparer.Ordinal);
        try
        {
            using var zstd = new DecompressionStream(new MemoryStream(File.ReadAllBytes(file)));
            using var reader = new BinaryReader(zstd, Encoding.UTF8);
            if (reader.ReadString() != Magic)
            {
                return known;
            }

            var count = reader.ReadInt32();
            known.EnsureCapacity(Math.Clamp(count, 0, 1_000_000));
            for (var i = 0; i < count; i++)
            {
                known[reader.ReadString()] = new(ReadStat(reader), new(reader.ReadBytes(Digest.Size)));
            }

            return known;
        }
        catch (Exception e) when (e is IOException or ZstdException or ArgumentException or FormatException)
        {
            return new(StringComparer.Ordinal);
        }
    }

    public static void Save(string file, Dictionary<string, KnownFile> known)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using (var zstd = new CompressionStream(File.Create(file + ".new"), 1, leaveOpen: false))
        using (var writer = new BinaryWriter(new BufferedStream(zstd, 1 << 16), Encoding.UTF8))
        {
            writer.Write(Magic);
            writer.Write(known.Count);
            foreach (var (path, (stat, digest)) in known)
            {
                writer.Write(path);
                WriteStat(writer, stat);
                writer.Write(digest.AsSpan());
            }
        }

        File.Move(file + ".new", file, overwrite: true);
    }

    private static FileStat ReadStat(BinaryReader reader) =>
        new(
            reader.ReadUInt16(),
            reader.ReadUInt64(),
            reader.ReadInt64(),
            reader.ReadInt64(),
            reader.ReadUInt32(),
            reader.ReadInt64(),
            reader.ReadUInt32(),
            reader.ReadUInt64()
        );

    private static void WriteStat(BinaryWriter writer, FileStat stat)
    {
        writer.Write(stat.Mode);
        writer.Write(stat.Inode);
        writer.Write(stat.Size);
        writer.Write(stat.ChangeSeconds);
        writer.Write(stat.ChangeNanoseconds);
        writer.Write(stat.ModifySeconds);
        writer.Write(stat.ModifyNanoseconds);
        writer.Write(stat.Device);
    }
}
