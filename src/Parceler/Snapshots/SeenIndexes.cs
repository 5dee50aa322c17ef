using Parceler.Database;
using Parceler.Repositories;
using Parceler.Storage;

namespace Parceler.Snapshots;

/// <summary>
/// The package indexes that a repository ever had: of those without a date, one that comes back is known by it. They outlive
/// their snapshots; a rebuilt database knows those of the snapshots that there are.
/// </summary>
internal static class SeenIndexes
{
    public static async Task AddAsync(DbSession session, Repository repository, SnapshotSummary snapshot)
    {
        foreach (var feed in snapshot.Feeds)
        {
            await session.ExecuteAsync(
                "insert into seen_indexes (repository_id, feed, digest, first_in) values (@id, @feed, @digest, @instant) on conflict do nothing",
                ("@id", repository.Id),
                ("@feed", feed.Head),
                ("@digest", feed.Sha256),
                ("@instant", snapshot.Instant.UnixSeconds)
            );
        }
    }

    /// <summary>The digests of each index, by its path.</summary>
    public static async Task<ILookup<string, Digest>> ListAsync(DbSession session, Repository repository)
    {
        var rows = await session.QueryAsync(
            "select feed, digest from seen_indexes where repository_id = @id",
            row => (Feed: row.GetString(0), Digest: Digest.Parse(row.GetString(1))),
            ("@id", repository.Id)
        );
        return rows.ToLookup(row => row.Feed, row => row.Digest, StringComparer.Ordinal);
    }
}
