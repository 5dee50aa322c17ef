using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Parceler.Audit;
using Parceler.Database;

namespace Parceler.Delivery;

/// <summary>Maintenance, as <c>parceler down</c> declares it.</summary>
/// <param name="RetryAfterSeconds">What clients are told to wait.</param>
/// <param name="Secret">Who knows it passes: by opening <c>/SECRET</c>, or by header.</param>
/// <param name="Redirect">Where browsers are sent meanwhile.</param>
internal sealed record Maintenance(int RetryAfterSeconds, string? Secret, string? Redirect, string? Message, DateTimeOffset Since);

/// <summary>Whether the service is down for maintenance: one state for all processes, kept in the database.</summary>
internal sealed class MaintenanceMode(ParcelerDb db, ChangeFeed feed)
{
    private const string Setting = "maintenance";
    private volatile Maintenance? _current;

    /// <summary>Null while the service is up. From memory.</summary>
    public Maintenance? Current => _current;

    public async Task StartAsync(CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        feed.Subscribe(Topics.Maintenance, LoadAsync);
    }

    public async Task LoadAsync(CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        _current = await ReadAsync(session);
    }

    public Task BeginAsync(Maintenance maintenance, CancellationToken cancellation) =>
        ChangeAsync(
            "insert into settings (name, value) values (@name, @value) on conflict (name) do update set value = excluded.value",
            maintenance,
            cancellation
        );

    public Task EndAsync(CancellationToken cancellation) => ChangeAsync("delete from settings where name = @name", null, cancellation);

    private static async Task<Maintenance?> ReadAsync(DbSession session)
    {
        var text = await session.FirstAsync("select value from settings where name = @name", row => row.GetString(0), ("@name", Setting));
        return text is null ? null : JsonSerializer.Deserialize(text, MaintenanceJson.Default.Maintenance);
    }

    // Without the secret.
    private static JsonObject? StateOf(Maintenance? maintenance) =>
        maintenance is null
            ? null
            : new() { ["retryAfterSeconds"] = maintenance.RetryAfterSeconds, ["hasSecret"] = maintenance.Secret is not null, ["redirect"] = maintenance.Redirect, ["message"] = maintenance.Message, ["since"] = maintenance.Since };

    private async Task ChangeAsync(string sql, Maintenance? after, CancellationToken cancellation)
    {
        await db.WriteAsync(
            async session =>
            {
                var before = await ReadAsync(session);
                await session.ExecuteAsync(sql, ("@name", Setting), ("@value", after is null ? null : JsonSerializer.Serialize(after, MaintenanceJson.Default.Maintenance)));
                if ((before ?? after) is not null)
                {
                    await AuditLog.WriteAsync(session, null, StateOf(before), StateOf(after));
                }

                await session.AnnounceAsync(Topics.Maintenance);
            },
            cancellation
        );
        await LoadAsync(cancellation);
        feed.Nudge();
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Maintenance))]
internal sealed partial class MaintenanceJson : JsonSerializerContext;
