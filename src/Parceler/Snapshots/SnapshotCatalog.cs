using System.Data.Common;
using System.Text.Json;
using Parceler.Database;
using Parceler.Repositories;
using Parceler.Storage;

namespace Parceler.Snapshots;

/// <summary>What the database keeps of a snapshot: the counts of its manifest's header.</summary>
internal sealed record SnapshotSummary(SnapshotInstant Instant, long Files, long Bytes, long NewBytes, Digest Tree, SnapshotInstant? Previous, bool Pinned)
{
    public IReadOnlyList<SnapshotFeed> Feeds { get; init; } = [];

    public IReadOnlyList<string> LetThrough { get; init; } = [];

    public static SnapshotSummary Of(ManifestHeader header) =>
        new(header.Instant, header.Files, header.Bytes, header.NewBytes, header.Tree, header.Previous, header.Pinned) { Feeds = header.Feeds, LetThrough = header.LetThrough };
}

/// <summary>The index of the manifests in the database, so that nothing has to list the storage.</summary>
internal sealed class SnapshotCatalog(ParcelerDb db)
{
    private const string Columns = "instant, files, bytes, new_bytes, tree, previous, pinned, feeds, let_through";

    /// <summary>The snapshots of a repository, oldest first.</summary>
    public async Task<List<SnapshotSummary>> ListAsync(Repository repository, CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        return await ListAsync(session, repository);
    }

    public static Task<List<SnapshotSummary>> ListAsync(DbSession session, Repository repository) =>
        session.QueryAsync($"select {Columns} from snapshots where repository_id = @id order by instant", Read, ("@id", repository.Id));

    /// <summary>Those whose manifests vanished by accident.</summary>
    public async Task<HashSet<SnapshotInstant>> MissingAsync(Repository repository, CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        var instants = await session.QueryAsync(
            "select instant from snapshots where repository_id = @id and missing = 1",
            row => new SnapshotInstant(row.GetInt64(0)),
            ("@id", repository.Id)
        );
        return [.. instants];
    }

    public static async Task MarkMissingAsync(DbSession session, Repository repository, IEnumerable<SnapshotInstant> instants, bool isMissing)
    {
        foreach (var instant in instants)
        {
            await session.ExecuteAsync(
                "update snapshots set missing = @missing where repository_id = @id and instant = @instant",
                ("@missing", isMissing ? 1 : 0),
                ("@id", repository.Id),
                ("@instant", instant.UnixSeconds)
            );
        }

        await session.AnnounceAsync(Topics.Repositories);
    }

    /// <summary>Adds a snapshot whose manifest stands in the storage. Adding it again changes nothing.</summary>
    public static async Task AddAsync(DbSession session, Repository repository, SnapshotSummary snapshot)
    {
        await session.ExecuteAsync(
            $"""
            insert into snapshots (repository_id, {Columns}) values (@id, @instant, @files, @bytes, @new, @tree, @previous, @pinned, @feeds, @through)
            on conflict (repository_id, instant) do nothing
            """,
            ("@id", repository.Id),
            ("@instant", snapshot.Instant.UnixSeconds),
            ("@files", snapshot.Files),
            ("@bytes", snapshot.Bytes),
            ("@new", snapshot.NewBytes),
            ("@tree", snapshot.Tree.ToString()),
            ("@previous", snapshot.Previous?.UnixSeconds),
            ("@pinned", snapshot.Pinned ? 1 : 0),
            ("@feeds", JsonSerializer.Serialize(snapshot.Feeds, SnapshotFeedJson.Default.IReadOnlyListSnapshotFeed)),
            ("@through", JsonSerializer.Serialize(snapshot.LetThrough, SnapshotFeedJson.Default.IReadOnlyListString))
        );
        await SeenIndexes.AddAsync(session, repository, snapshot);
        await session.AnnounceAsync(Topics.Repositories);
    }

    public static async Task<bool> RemoveAsync(DbSession session, Repository repository, SnapshotInstant instant)
    {
        var removed = await session.ExecuteAsync(
            "delete from snapshots where repository_id = @id and instant = @instant",
            ("@id", repository.Id),
            ("@instant", instant.UnixSeconds)
        );
        await session.AnnounceAsync(Topics.Repositories);
        return removed > 0;
    }

    private static SnapshotSummary Read(DbDataReader row) =>
        new(
            new(row.GetInt64(0)),
            row.GetInt64(1),
            row.GetInt64(2),
            row.GetInt64(3),
            Digest.Parse(row.GetString(4)),
            row.NumberOrNull(5) is { } previous ? new SnapshotInstant(previous) : null,
            row.GetInt64(6) != 0
        )
        {
            Feeds = JsonSerializer.Deserialize(row.GetString(7), SnapshotFeedJson.Default.IReadOnlyListSnapshotFeed) ?? [],
            LetThrough = JsonSerializer.Deserialize(row.GetString(8), SnapshotFeedJson.Default.IReadOnlyListString) ?? [],
        };
}
