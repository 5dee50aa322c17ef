using System.Text;
using Parceler.Storage;
using ZstdSharp;

namespace Parceler.Snapshots;

/// <summary>What the last sync read from the storage disk: the digest of an object, with the state that it was in.</summary>
internal readonly record struct KnownObject(StoredObject Stored, Digest Digest);

/// <summary>
/// Remembers which objects of the storage disk were read, so that an unchanged one is not read again. Only a saving: without it,
/// or with a damaged one, every object is read.
/// </summary>
internal static class ObjectIndex
{
    private const string Magic = "parceler object index 1";

    public static Dictionary<string, KnownObject> Load(string file)
    {
        var known = new Dictionary<string, KnownObject>(StringComparer.Ordinal);
        try
        {
            using var zstd = new DecompressionStream(new MemoryStream(File.ReadAllBytes(file)));
            using var reader = new BinaryReader(zstd, Encoding.UTF8);
            if (reader.ReadString() == Magic)
            {
                for (var count = reader.ReadInt32(); count > 0; count--)
                {
                    var stored = new StoredObject(reader.ReadString(), reader.ReadInt64(), new(reader.ReadInt64(), TimeSpan.Zero), reader.ReadString());
                    known[stored.Key] = new(stored, new(reader.ReadBytes(Digest.Size)));
                }
            }

            return known;
        }
        catch (Exception e) when (e is IOException or ZstdException or ArgumentException or FormatException)
        {
            return new(StringComparer.Ordinal);
        }
    }

    public static void Save(string file, IReadOnlyCollection<KnownObject> known)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using (var zstd = new CompressionStream(File.Create(file + ".new"), 1, leaveOpen: false))
        using (var writer = new BinaryWriter(new BufferedStream(zstd, 1 << 16), Encoding.UTF8))
        {
            writer.Write(Magic);
            writer.Write(known.Count);
            foreach (var (stored, digest) in known)
            {
                writer.Write(stored.Key);
                writer.Write(stored.Size);
                writer.Write(stored.ModifiedAt.UtcTicks);
                writer.Write(stored.Tag);
                writer.Write(digest.AsSpan());
            }
        }

        File.Move(file + ".new", file, overwrite: true);
    }
}
