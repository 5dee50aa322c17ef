using System.Text.Json;
using System.Text.Json.Serialization;
using Parceler.Database;

namespace Parceler.Storage;

/// <summary>The storage is not the one that the database knows. Nothing may be concluded from what is missing there.</summary>
internal sealed class WrongStoreException(string message) : Exception(message);

/// <summary>There is nothing at all where the storage should be: no bucket of that name.</summary>
internal sealed class NoStoreException(string message, Exception? cause = null) : IOException(message, cause);

/// <summary>
/// Ties the database to its storage, so that a disk that is not mounted, or a wrong bucket, is never taken for one
/// whose snapshots were all deleted. Held in <c>parceler.json</c> and in the database.
/// </summary>
internal sealed class StoreIdentity(ParcelerDb db, StorageDisk disk, TimeProvider clock)
{
    private const string Setting = "store";

    /// <summary>At start: makes the identity of a new store, or checks that of an old one.</summary>
    /// <exception cref="WrongStoreException"/>
    public async Task EstablishAsync(CancellationToken cancellation)
    {
        var known = await KnownAsync(cancellation) ?? await db.WriteAsync(session => FirstAsync(session, cancellation), cancellation);
        Compare(known, await FoundAsync(cancellation));
    }

    /// <summary>While running: whether the storage is still the one that the database knows.</summary>
    /// <exception cref="WrongStoreException"/>
    public async Task CheckAsync(CancellationToken cancellation) => Compare(await KnownAsync(cancellation), await FoundAsync(cancellation));

    /// <summary>Takes the storage as it is for the one of this database: for a database that was lost.</summary>
    public Task AdoptAsync(CancellationToken cancellation) => db.WriteAsync(session => TakeAsync(session, cancellation), cancellation);

    // Several processes may start at once on a new store: one after the other comes here.
    private async Task<string> FirstAsync(DbSession session, CancellationToken cancellation)
    {
        if (await KnownAsync(session) is { } known)
        {
            return known;
        }

        if (await FoundAsync(cancellation) is not null && await HoldsRepositoriesAsync(cancellation))
        {
            throw new WrongStoreException("The storage holds repositories, but the database is new. Rebuild the database from the storage with: parceler recover");
        }

        return await TakeAsync(session, cancellation);
    }

    private async Task<string> TakeAsync(DbSession session, CancellationToken cancellation)
    {
        var id = await FoundAsync(cancellation) ?? await MakeAsync(cancellation);
        await session.ExecuteAsync(
            "insert into settings (name, value) values (@name, @id) on conflict (name) do update set value = excluded.value",
            ("@name", Setting),
            ("@id", id)
        );
        return id;
    }

    private void Compare(string? known, string? found)
    {
        if (found is null)
        {
            throw new WrongStoreException($"The storage has no {StorageKeys.Identity}: {disk.Advice} Nothing there is taken for deleted");
        }

        if (known != found)
        {
            throw new WrongStoreException($"The storage is another one (its {StorageKeys.Identity} names {found}, the database {known}): {disk.Advice} And DB_DATABASE?");
        }
    }

    private async Task<string?> KnownAsync(CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        return await KnownAsync(session);
    }

    private static Task<string?> KnownAsync(DbSession session) =>
        session.FirstAsync("select value from settings where name = @name", row => row.GetString(0), ("@name", Setting));

    private async Task<string?> FoundAsync(CancellationToken cancellation)
    {
        try
        {
            if (await disk.ReadAsync(StorageKeys.Identity, cancellation) is not { } content)
            {
                return null;
            }

            return JsonSerializer.Deserialize(content, StoreIdentityJson.Default.Stored)?.Id;
        }
        catch (NoStoreException e)
        {
            throw new WrongStoreException($"{e.Message}: {disk.Advice} Nothing there is taken for deleted");
        }
        catch (JsonException e)
        {
            throw new WrongStoreException($"{StorageKeys.Identity} in the storage can't be read ({e.Message}): restore it from a backup");
        }
    }

    private async Task<string> MakeAsync(CancellationToken cancellation)
    {
        var made = new Stored(Guid.NewGuid().ToString(), clock.GetUtcNow());
        await disk.WriteAsync(StorageKeys.Identity, JsonSerializer.SerializeToUtf8Bytes(made, StoreIdentityJson.Default.Stored), cancellation);
        return made.Id;
    }

    private async Task<bool> HoldsRepositoriesAsync(CancellationToken cancellation)
    {
        await foreach (var _ in disk.ListAsync(StorageKeys.Repositories, cancellation))
        {
            return true;
        }

        return false;
    }

    internal sealed record Stored(string Id, DateTimeOffset CreatedAt);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(StoreIdentity.Stored))]
internal sealed partial class StoreIdentityJson : JsonSerializerContext;
