using Parceler.Storage;

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

    public static Dictionary<string, KnownFile> Load(string file) =>
        RememberedList.Load(file, Magic, reader => (reader.ReadString(), new KnownFile(ReadStat(reader), reader.ReadDigest())));

    public static void Save(string file, Dictionary<string, KnownFile> known) =>
        RememberedList.Save(file, Magic, known, (writer, one) =>
        {
            writer.Write(one.Key);
            WriteStat(writer, one.Value.Stat);
            writer.Write(one.Value.Digest.AsSpan());
        });

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
