using System.Diagnostics.Metrics;

namespace Parceler.Storage;

/// <summary>What is measured of the storage.</summary>
internal static class StorageInstruments
{
    public const string Meter = "Parceler.Storage";
    private static readonly Meter s_meter = new(Meter);
    private static readonly Counter<long> s_blobs = s_meter.CreateCounter<long>("parceler.storage.blobs.written", null, "Blobs that syncs stored.");
    private static readonly Counter<long> s_bytes = s_meter.CreateCounter<long>("parceler.storage.written", "By", "Bytes of the blobs that syncs stored.");

    public static void Written(long bytes)
    {
        s_blobs.Add(1);
        s_bytes.Add(bytes);
    }
}
