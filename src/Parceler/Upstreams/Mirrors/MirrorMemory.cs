using System.Text;
using Parceler.Storage;
using ZstdSharp;

namespace Parceler.Upstreams.Mirrors;

/// <summary>
/// The tree as it was at the end of the last sync, so that what has not changed is not asked for again. Only a saving: without it, with a
/// damaged one, or with one of other settings, everything is asked for.
/// </summary>
internal static class MirrorMemory
{
    private const string Magic = "parceler mirror 1";
    private const string NoTag = "-"; // real ones have quotation marks

    /// <param name="settings">What the tree was taken with.</param>
    public static Dictionary<string, KnownCopy> Load(string file, string settings)
    {
        var known = new Dictionary<string, KnownCopy>(StringComparer.Ordinal);
        try
        {
            using var zstd = new DecompressionStream(File.OpenRead(file), leaveOpen: false);
            using var reader = new BinaryReader(new BufferedStream(zstd, 1 << 16), Encoding.UTF8);
            if (reader.ReadString() != Magic || reader.ReadString() != settings)
            {
                return known;
            }

            var owners = new List<string>();
            var count = reader.ReadInt32();
            known.EnsureCapacity(Math.Clamp(count, 0, 1_000_000));
            for (var i = 0; i < count; i++)
            {
                known[reader.ReadString()] = Read(reader, owners);
            }

            return known;
        }
        catch (Exception e) when (e is IOException or ZstdException or ArgumentException or FormatException)
        {
            return new(StringComparer.Ordinal);
        }
    }

    public static void Save(string file, string settings, Dictionary<string, KnownCopy> known)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using (var zstd = new CompressionStream(File.Create(file + ".new"), 1, leaveOpen: false))
        using (var writer = new BinaryWriter(new BufferedStream(zstd, 1 << 16), Encoding.UTF8))
        {
            writer.Write(Magic);
            writer.Write(settings);
            writer.Write(known.Count);
            var owners = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var (path, copy) in known)
            {
                writer.Write(path);
                Write(writer, copy, owners);
            }
        }

        File.Move(file + ".new", file, overwrite: true);
    }

    private static KnownCopy Read(BinaryReader reader, List<string> owners)
    {
        var digest = new Digest(reader.ReadBytes(Digest.Size));
        var size = reader.ReadInt64();
        var modified = reader.ReadInt64();
        var tag = reader.ReadString();
        var note = reader.ReadString();
        var number = reader.Read7BitEncodedInt();
        if (number == owners.Count)
        {
            owners.Add(reader.ReadString()); // each once in the file, and once in memory
        }

        return new(digest, size, modified, tag == NoTag ? null : tag, note.Length == 0 ? null : note, owners[number], reader.ReadBoolean());
    }

    private static void Write(BinaryWriter writer, KnownCopy copy, Dictionary<string, int> owners)
    {
        writer.Write(copy.Digest.AsSpan());
        writer.Write(copy.Size);
        writer.Write(copy.Modified);
        writer.Write(copy.Tag ?? NoTag);
        writer.Write(copy.Note ?? "");
        var isNew = !owners.TryGetValue(copy.Owner, out var number);
        if (isNew)
        {
            owners.Add(copy.Owner, number = owners.Count);
        }

        writer.Write7BitEncodedInt(number);
        if (isNew)
        {
            writer.Write(copy.Owner);
        }

        writer.Write(copy.IsHead);
    }
}
