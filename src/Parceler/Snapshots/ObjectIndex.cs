using Parceler.Storage;

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

    public static Dictionary<string, KnownObject> Load(string file) =>
        RememberedList.Load(file, Magic, reader =>
        {
            var stored = new StoredObject(reader.ReadString(), reader.ReadInt64(), new(reader.ReadInt64(), TimeSpan.Zero), reader.ReadString());
            return (stored.Key, new KnownObject(stored, reader.ReadDigest()));
        });

    public static void Save(string file, IReadOnlyCollection<KnownObject> known) =>
        RememberedList.Save(file, Magic, known, (writer, one) =>
        {
            writer.Write(one.Stored.Key);
            writer.Write(one.Stored.Size);
            writer.Write(one.Stored.ModifiedAt.UtcTicks);
            writer.Write(one.Stored.Tag);
            writer.Write(one.Digest.AsSpan());
        });
}
