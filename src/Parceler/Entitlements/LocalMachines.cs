using System.Data.Common;
using System.Text.Json.Nodes;
using Parceler.Audit;
using Parceler.Database;
using Parceler.Storage;

namespace Parceler.Entitlements;

/// <summary>
/// The list of machines that Parceler keeps itself. It is in memory as a whole; every change is announced, so running
/// services follow at once. Its hashes do not depend on <c>APP_KEY</c>: the list survives a lost key.
/// </summary>
internal sealed class LocalMachines(ParcelerDb db, StorageDisk disk, TimeProvider clock) : IDisposable
{
    private const string Columns = "tier, system_id, salt, hash, rounds, expires_at, created_at";
    private readonly MachinesFile _file = new(disk);
    private readonly SemaphoreSlim _loading = new(1, 1);
    private volatile Dictionary<(TierName, SystemId), LocalMachine> _machines = [];

    public LocalMachine? Find(TierName tier, SystemId id) => _machines.GetValueOrDefault((tier, id));

    /// <summary>Takes the list over from the database: at start, and whenever it changed.</summary>
    public async Task LoadAsync(CancellationToken cancellation)
    {
        await _loading.WaitAsync(cancellation);
        try
        {
            var entries = await ListAsync(cancellation);
            _machines = entries.ToDictionary(e => (e.Tier, e.Id), e => new LocalMachine(e, Find(e.Tier, e.Id)));
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>Lists a machine. One that is listed already gets the new secret and the new expiry.</summary>
    public async Task AddAsync(TierName tier, SystemId id, string secret, DateTimeOffset? expiresAt, CancellationToken cancellation)
    {
        if (secret.Length == 0 || secret.Any(char.IsControl))
        {
            throw new ArgumentException($"The secret of {id} must not be empty and must hold no control characters", nameof(secret));
        }

        var entry = LocalMachineEntry.Of(tier, id, secret, expiresAt, clock.GetUtcNow());
        await WriteAsync(
            $"""
            insert into machines ({Columns}) values (@tier, @id, @salt, @hash, @rounds, @expires_at, @created_at)
            on conflict (tier, system_id) do update set salt = excluded.salt, hash = excluded.hash, rounds = excluded.rounds,
                expires_at = excluded.expires_at
            """,
            [entry],
            session => AuditAsync(session, tier, id, isAdded: true, expiresAt),
            cancellation
        );
    }

    /// <summary>Takes a machine off the list; false when it was not on it.</summary>
    public async Task<bool> RemoveAsync(TierName tier, SystemId id, CancellationToken cancellation)
    {
        var removed = await db.WriteAsync(
            async session =>
            {
                await session.AnnounceAsync(Topics.Machines);
                var rows = await session.ExecuteAsync("delete from machines where tier = @tier and system_id = @id", ("@tier", tier.ToString()), ("@id", id.ToString()));
                if (rows > 0)
                {
                    await AuditAsync(session, tier, id, isAdded: false, expiresAt: null);
                }

                return rows;
            },
            cancellation
        );
        await KeepAsync(cancellation);
        return removed > 0;
    }

    /// <summary>The list by tier and id, with the salted hashes, so that a copy of it in the storage can bring it back.</summary>
    public async Task<List<LocalMachineEntry>> ListAsync(CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        return await session.QueryAsync($"select {Columns} from machines order by tier, system_id", Read);
    }

    /// <summary>Takes over the list in the storage, for a database that was lost. A machine that is listed already stays as it is.</summary>
    /// <returns>How many machines were added.</returns>
    /// <exception cref="System.Text.Json.JsonException">It is damaged.</exception>
    public async Task<int> RecoverAsync(CancellationToken cancellation)
    {
        var entries = await _file.ReadAsync(cancellation);
        return await WriteAsync(
            $"insert into machines ({Columns}) values (@tier, @id, @salt, @hash, @rounds, @expires_at, @created_at) on conflict do nothing",
            entries,
            _ => Task.CompletedTask,
            cancellation
        );
    }

    public void Dispose() => _loading.Dispose();

    private static LocalMachineEntry Read(DbDataReader row) =>
        new(
            TierName.Parse(row.GetString(0)),
            SystemId.Parse(row.GetString(1)),
            (byte[])row.GetValue(2),
            (byte[])row.GetValue(3),
            (int)row.GetInt64(4),
            row.TimeOrNull(5),
            row.Time(6)
        );

    private static Task AuditAsync(DbSession session, TierName tier, SystemId id, bool isAdded, DateTimeOffset? expiresAt)
    {
        var state = new JsonObject { ["tier"] = tier.ToString(), ["systemId"] = id.ToString() };
        if (expiresAt is { } end)
        {
            state["expiresAt"] = end;
        }

        return AuditLog.WriteAsync(session, null, isAdded ? null : state, isAdded ? state : null);
    }

    // Returns how many entries were added or changed.
    private async Task<int> WriteAsync(string insert, IReadOnlyCollection<LocalMachineEntry> entries, Func<DbSession, Task> also, CancellationToken cancellation)
    {
        var written = await db.WriteAsync(
            async session =>
            {
                var rows = 0;
                foreach (var entry in entries)
                {
                    rows += await session.ExecuteAsync(insert, ValuesOf(entry));
                }

                await also(session);
                await session.AnnounceAsync(Topics.Machines);
                return rows;
            },
            cancellation
        );
        await KeepAsync(cancellation);
        return written;
    }

    // The copy follows the database, whoever changed it last.
    private async Task KeepAsync(CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        using var exclusive = await db.LockAsync("machines", cancellation);
        await _file.WriteAsync(await ListAsync(cancellation), cancellation);
    }

    private static (string, object?)[] ValuesOf(LocalMachineEntry entry) =>
        [
            ("@tier", entry.Tier.ToString()),
            ("@id", entry.Id.ToString()),
            ("@salt", entry.Salt),
            ("@hash", entry.Hash),
            ("@rounds", entry.Rounds),
            ("@expires_at", entry.ExpiresAt.ToDb()),
            ("@created_at", entry.CreatedAt.ToDb()),
        ];
}
