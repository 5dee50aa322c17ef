using System.Text.Json;
using System.Text.Json.Serialization;
using StackExchange.Redis;

namespace Parceler.Entitlements;

/// <summary>
/// Verdicts in Redis, each for as long as it may be leaned on. Under the keyed hash that stands for the machine: neither ids nor secrets
/// are there.
/// </summary>
internal sealed class RedisVerdicts(RedisAddress address, EntitlementOptions options, TimeProvider clock) : IDisposable
{
    private readonly Lazy<Task<ConnectionMultiplexer>> _connection = new(() => ConnectionMultiplexer.ConnectAsync(address.Options()));

    public async Task<Standing?> FindAsync(MachineKey machine)
    {
        var value = await (await DatabaseAsync()).StringGetAsync(KeyOf(machine));
        return value.IsNull ? null : Read(machine, (byte[])value!);
    }

    public async Task<bool> KeepAsync(Standing standing)
    {
        var life = standing.Word is LastWord.Allowed ? options.OutageGrace : options.DenialTtl;
        var left = standing.Until - clock.GetUtcNow();
        var kept = new Kept(standing.Tier.ToString(), standing.Word is LastWord.Allowed, standing.AskedAt, standing.Until, standing.ValidUntil, standing.Reason);
        return await (await DatabaseAsync()).StringSetAsync(KeyOf(standing.Machine), JsonSerializer.SerializeToUtf8Bytes(kept, RedisJson.Default.Kept), left > life ? left : life);
    }

    public void Dispose()
    {
        if (_connection is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            _connection.Value.Result.Dispose();
        }
    }

    private async Task<IDatabase> DatabaseAsync() => (await _connection.Value).GetDatabase();

    private string KeyOf(MachineKey machine) => $"{address.Prefix}verdict:{Convert.ToHexStringLower(machine.AsSpan())}";

    // Of another version, or of somebody else: as if it was not there.
    private static Standing? Read(MachineKey machine, byte[] value)
    {
        try
        {
            return JsonSerializer.Deserialize(value, RedisJson.Default.Kept) is { } kept && TierName.TryParse(kept.Tier, null, out var tier)
                ? new(machine, tier, kept.Allowed ? LastWord.Allowed : LastWord.Denied, kept.AskedAt, kept.Until, kept.ValidUntil, kept.Reason)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal sealed record Kept(string Tier, bool Allowed, DateTimeOffset AskedAt, DateTimeOffset Until, DateTimeOffset? ValidUntil, string? Reason);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RedisVerdicts.Kept))]
internal sealed partial class RedisJson : JsonSerializerContext;
