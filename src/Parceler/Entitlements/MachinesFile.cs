using System.Text.Json;
using System.Text.Json.Serialization;
using Parceler.Storage;

namespace Parceler.Entitlements;

/// <summary>The list of machines as <c>machines.json</c> keeps it in the storage, so that a lost database does not lose it. Secrets are in it only as salted hashes.</summary>
internal sealed class MachinesFile(StorageDisk disk)
{
    private const int Version = 1;

    public async Task WriteAsync(IEnumerable<LocalMachineEntry> entries, CancellationToken cancellation)
    {
        var list = new StoredList(Version, [.. entries.Select(ToStored)]);
        await disk.WriteAsync(StorageKeys.Machines, JsonSerializer.SerializeToUtf8Bytes(list, MachinesFileJson.Default.StoredList), cancellation);
    }

    /// <summary>The entries in the storage; none when there is no such file.</summary>
    /// <exception cref="JsonException">The file is damaged.</exception>
    public async Task<List<LocalMachineEntry>> ReadAsync(CancellationToken cancellation)
    {
        if (await disk.ReadAsync(StorageKeys.Machines, cancellation) is not { } content)
        {
            return [];
        }

        var list = JsonSerializer.Deserialize(content, MachinesFileJson.Default.StoredList);
        return list is { ParcelerMachines: Version } ? list.Machines.ConvertAll(ToEntry) : throw new JsonException($"{StorageKeys.Machines} is of a format that this version does not know");
    }

    private static StoredMachine ToStored(LocalMachineEntry entry) =>
        new(entry.Tier.ToString(), entry.Id.ToString(), entry.Salt, entry.Hash, entry.Rounds, entry.ExpiresAt, entry.CreatedAt);

    private static LocalMachineEntry ToEntry(StoredMachine stored) =>
        new(TierName.Parse(stored.Tier), SystemId.Parse(stored.Id), stored.Salt, stored.Hash, stored.Rounds, stored.ExpiresAt, stored.CreatedAt);

    internal sealed record StoredList(int ParcelerMachines, List<StoredMachine> Machines);

    internal sealed record StoredMachine(string Tier, string Id, byte[] Salt, byte[] Hash, int Rounds, DateTimeOffset? ExpiresAt, DateTimeOffset CreatedAt);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(MachinesFile.StoredList))]
internal sealed partial class MachinesFileJson : JsonSerializerContext;
