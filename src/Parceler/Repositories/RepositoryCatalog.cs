using System.Data.Common;
using System.Text.Json;
using Parceler.Database;

namespace Parceler.Repositories;

/// <summary>The repositories in the database. Changes are announced in the transaction that makes them.</summary>
internal sealed class RepositoryCatalog(ParcelerDb db)
{
    private const string Columns =
        "id, name, command, source_folder, delay_days, allow_empty, time_limit_s, created_at, \"freeze\", release_mark, served, served_since, served_frozen, grace_from, mirror, gate, trust, accepts_rollback, frozen_since, source_on_disk";

    public async Task<Repository?> FindAsync(RepositoryName name, CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        return await FindAsync(session, name);
    }

    public static Task<Repository?> FindAsync(DbSession session, RepositoryName name) =>
        session.FirstAsync($"select {Columns} from repositories where name = @name", Read, ("@name", name.ToString()));

    /// <exception cref="UnknownRepositoryException"/>
    public async Task<Repository> GetAsync(RepositoryName name, CancellationToken cancellation) =>
        await FindAsync(name, cancellation) ?? throw new UnknownRepositoryException(name);

    public async Task<List<Repository>> ListAsync(CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        return await session.QueryAsync($"select {Columns} from repositories order by name", Read);
    }

    /// <summary>Adds a repository.</summary>
    /// <exception cref="RepositoryExistsException"/>
    public static async Task AddAsync(DbSession session, Repository repository)
    {
        var added = await session.ExecuteAsync(
            $"""
            insert into repositories ({Columns})
            values (@id, @name, @command, @source, @delay, @empty, @limit, @created, @freeze, @mark, @served, @since, @frozen, @grace, @mirror, @gate, @trust, @rollback, @frozenSince, @onDisk)
            on conflict (name) do nothing
            """,
            [.. Settings(repository), .. State(repository)]
        );
        if (added == 0)
        {
            throw new RepositoryExistsException(repository.Name);
        }

        await session.AnnounceAsync(Topics.Repositories);
    }

    /// <summary>Writes settings, freeze and release mark; false when the repository was deleted meanwhile.</summary>
    public static async Task<bool> UpdateAsync(DbSession session, Repository repository)
    {
        var updated = await session.ExecuteAsync(
            """
            update repositories set command = @command, source_folder = @source, delay_days = @delay, allow_empty = @empty,
                time_limit_s = @limit, "freeze" = @freeze, release_mark = @mark, served = @served, served_since = @since,
                served_frozen = @frozen, grace_from = @grace, mirror = @mirror, gate = @gate, trust = @trust, accepts_rollback = @rollback, frozen_since = @frozenSince, source_on_disk = @onDisk
            where id = @id
            """,
            [.. Settings(repository), .. State(repository)]
        );
        await session.AnnounceAsync(Topics.Repositories);
        return updated > 0;
    }

    public static async Task RemoveAsync(DbSession session, Repository repository)
    {
        await session.ExecuteAsync("delete from repositories where id = @id", ("@id", repository.Id));
        await session.AnnounceAsync(Topics.Repositories);
    }

    private static (string, object?)[] Settings(Repository repository) =>
        [
            ("@id", repository.Id),
            ("@name", repository.Name.ToString()),
            ("@command", repository.Command),
            ("@source", repository.SourceFolder),
            ("@delay", repository.DelayDays),
            ("@empty", repository.AllowEmpty ? 1 : 0),
            ("@limit", (long?)repository.TimeLimit?.TotalSeconds),
            ("@created", repository.CreatedAt.ToDb()),
            ("@mirror", repository.Mirror is null ? null : JsonSerializer.Serialize(repository.Mirror, RepositoryFilesJson.Default.MirrorSettings)),
            ("@onDisk", repository.SourceOnDisk ? 1 : 0),
            ("@gate", GateWords.Of(repository.Gate)),
            ("@trust", JsonSerializer.Serialize(repository.Trust, RepositoryFilesJson.Default.IReadOnlyListTrustedKeyFile)),
        ];

    private static (string, object?)[] State(Repository repository) =>
        [
            ("@freeze", repository.Freeze),
            ("@mark", repository.ReleaseMark),
            ("@served", repository.Served),
            ("@since", repository.ServedSince.ToDb()),
            ("@frozen", repository.ServedFrozen ? 1 : 0),
            ("@grace", repository.GraceFrom.ToDb()),
            ("@rollback", repository.AcceptsRollback ? 1 : 0),
            ("@frozenSince", repository.FrozenSince.ToDb()),
        ];

    private static Repository Read(DbDataReader row) =>
        new(
            row.GetString(0),
            RepositoryName.Parse(row.GetString(1)),
            row.GetString(2),
            row.GetString(3),
            row.Int(4),
            row.GetInt64(5) != 0,
            row.NumberOrNull(6) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            row.Time(7),
            row.NumberOrNull(8),
            row.NumberOrNull(9),
            row.NumberOrNull(10),
            row.TimeOrNull(11),
            row.GetInt64(12) != 0,
            row.TimeOrNull(13)
        )
        {
            Mirror = row.TextOrNull(14) is { } mirror ? JsonSerializer.Deserialize(mirror, RepositoryFilesJson.Default.MirrorSettings) : null,
            Gate = GateWords.Parse(row.GetString(15)),
            Trust = JsonSerializer.Deserialize(row.GetString(16), RepositoryFilesJson.Default.IReadOnlyListTrustedKeyFile) ?? [],
            AcceptsRollback = row.GetInt64(17) != 0,
            FrozenSince = row.TimeOrNull(18),
            SourceOnDisk = row.GetInt64(19) != 0,
        };
}
