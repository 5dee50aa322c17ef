using System.Text.Json;
using System.Text.Json.Serialization;
using Parceler.Database;
using Parceler.Storage;

namespace Parceler.Repositories;

/// <summary>One stretch of time in which a snapshot was served.</summary>
internal sealed record RecordedServing(DateTimeOffset Since, long Instant, string Reason);

/// <summary>A repository as <c>repositories/NAME.json</c> keeps it: enough to rebuild its row in a lost database.</summary>
internal sealed record RepositoryFile(
    int ParcelerRepository,
    string Id,
    string Name,
    string Command,
    string SourceFolder,
    int Delay,
    bool AllowEmpty,
    long? TimeLimitSeconds,
    DateTimeOffset CreatedAt,
    DateTimeOffset? Freeze,
    DateTimeOffset? ReleaseMark,
    DateTimeOffset? Served,
    DateTimeOffset? ServedSince,
    bool ServedFrozen,
    List<RecordedServing> Servings,
    DateTimeOffset? GraceFrom = null,
    MirrorSettings? Mirror = null,
    GateMode Gate = GateMode.Strict,
    IReadOnlyList<TrustedKeyFile>? Trust = null,
    DateTimeOffset? FrozenSince = null,
    bool SourceOnDisk = false
);

/// <summary>Writes and reads <c>repositories/NAME.json</c>, the copy of the database's truth beside the snapshots.</summary>
internal sealed class RepositoryFiles(ParcelerDb db, StorageDisk disk)
{
    private const int Version = 1;

    /// <summary>Held by whoever makes or deletes what stands in the storage under a repository's name.</summary>
    public Task<DatabaseLock> LockAsync(RepositoryName name, CancellationToken cancellation) => db.LockAsync($"repository-{name}", cancellation);

    /// <summary>Brings the file of a repository up to the database; removes it when the repository is gone.</summary>
    public async Task WriteAsync(RepositoryName name, CancellationToken cancellation)
    {
        using var exclusive = await db.LockAsync("repositories", cancellation); // an older state must not be written over a newer one
        var key = StorageKeys.Repository(name.ToString());
        if (await ReadDatabaseAsync(name, cancellation) is not { } file)
        {
            await disk.DeleteAsync(key, cancellation);
            return;
        }

        var content = JsonSerializer.SerializeToUtf8Bytes(file, RepositoryFilesJson.Default.RepositoryFile);
        if (await disk.ReadAsync(key, cancellation) is not { } there || !there.AsSpan().SequenceEqual(content))
        {
            await disk.WriteAsync(key, content, cancellation);
        }
    }

    /// <summary>All such files in the storage. A damaged one is reported and passed over.</summary>
    public async Task<List<RepositoryFile>> ReadAllAsync(Action<string> report, CancellationToken cancellation)
    {
        var files = new List<RepositoryFile>();
        await foreach (var stored in disk.ListAsync(StorageKeys.Repositories, cancellation))
        {
            try
            {
                var content = await disk.ReadAsync(stored.Key, cancellation);
                var file = JsonSerializer.Deserialize(content, RepositoryFilesJson.Default.RepositoryFile);
                if (file is not { ParcelerRepository: Version })
                {
                    report($"{stored.Key} is of a format that this version does not know: passed over");
                }
                else if (!RepositoryName.TryParse(file.Name, null, out var name) || StorageKeys.Repository(name.ToString()) != stored.Key)
                {
                    report($"{stored.Key} is not the file of a repository '{file.Name}': passed over");
                }
                else
                {
                    files.Add(file);
                }
            }
            catch (JsonException e)
            {
                report($"{stored.Key} is damaged and was passed over: {e.Message}");
            }
        }

        return files;
    }

    /// <summary>Puts a repository back as its file describes it.</summary>
    public static async Task RestoreAsync(DbSession session, RepositoryFile file)
    {
        await RepositoryCatalog.AddAsync(session, ToRepository(file));
        foreach (var serving in file.Servings)
        {
            await session.ExecuteAsync(
                "insert into servings (repository_id, since, instant, reason) values (@id, @since, @instant, @reason) on conflict do nothing",
                ("@id", file.Id),
                ("@since", serving.Since.ToDb()),
                ("@instant", serving.Instant),
                ("@reason", serving.Reason)
            );
        }
    }

    private async Task<RepositoryFile?> ReadDatabaseAsync(RepositoryName name, CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        if (await RepositoryCatalog.FindAsync(session, name) is not { } repository)
        {
            return null;
        }

        var servings = await session.QueryAsync(
            "select since, instant, reason from servings where repository_id = @id order by since desc limit 100",
            row => new RecordedServing(row.Time(0), row.GetInt64(1), row.GetString(2)),
            ("@id", repository.Id)
        );
        return ToFile(repository, servings);
    }

    private static RepositoryFile ToFile(Repository repository, List<RecordedServing> servings) =>
        new(
            Version,
            repository.Id,
            repository.Name.ToString(),
            repository.Command,
            repository.SourceFolder,
            repository.DelayDays,
            repository.AllowEmpty,
            (long?)repository.TimeLimit?.TotalSeconds,
            repository.CreatedAt,
            Instant(repository.Freeze),
            Instant(repository.ReleaseMark),
            Instant(repository.Served),
            repository.ServedSince,
            repository.ServedFrozen,
            servings,
            repository.GraceFrom,
            repository.Mirror,
            repository.Gate,
            repository.Trust,
            repository.FrozenSince,
            repository.SourceOnDisk
        );

    private static Repository ToRepository(RepositoryFile file) =>
        new(
            file.Id,
            RepositoryName.Parse(file.Name),
            file.Command,
            file.SourceFolder,
            file.Delay,
            file.AllowEmpty,
            file.TimeLimitSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            file.CreatedAt,
            file.Freeze?.ToUnixTimeSeconds(),
            file.ReleaseMark?.ToUnixTimeSeconds(),
            file.Served?.ToUnixTimeSeconds(),
            file.ServedSince,
            file.ServedFrozen,
            file.GraceFrom
        )
        {
            Mirror = file.Mirror,
            Gate = file.Gate,
            Trust = file.Trust ?? [],
            FrozenSince = file.FrozenSince,
            SourceOnDisk = file.SourceOnDisk,
        };

    private static DateTimeOffset? Instant(long? seconds) => seconds is { } s ? DateTimeOffset.FromUnixTimeSeconds(s) : null;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(RepositoryFile))]
[JsonSerializable(typeof(IReadOnlyList<TrustedKeyFile>))]
internal sealed partial class RepositoryFilesJson : JsonSerializerContext;
