using Parceler.Database;
using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.Releases;

/// <summary>A time in which a snapshot was served, as long as machines may still read what it served.</summary>
/// <param name="Before">When the serving before it began.</param>
/// <param name="StoppedAt">Absent while it is served.</param>
/// <param name="ReadAt">The last request of a session on it that the database knows.</param>
internal sealed record HeldServing(SnapshotInstant Snapshot, DateTimeOffset Since, DateTimeOffset? Before, DateTimeOffset? StoppedAt, DateTimeOffset? ReadAt)
{
    public DateTimeOffset? LastUse => StoppedAt > ReadAt || ReadAt is null ? StoppedAt : ReadAt;
}

/// <summary>
/// What machines may still read of a repository: what is served, what stopped being served or was read by a session not long
/// ago, and was not ended by <c>--now</c>. Retention, deletion, the collector and the download path ask here.
/// </summary>
internal static class HeldServings
{
    /// <summary>Newest first.</summary>
    public static async Task<List<HeldServing>> ListAsync(DbSession session, Repository repository, TimeSpan hold, DateTimeOffset now)
    {
        var servings = await session.QueryAsync(
            """
            select s.instant, s.since,
                (select max(b.since) from servings b where b.repository_id = s.repository_id and b.since < s.since),
                (select min(a.since) from servings a where a.repository_id = s.repository_id and a.since > s.since),
                (select max(l.renewed_at) from leases l where l.repository_id = s.repository_id and l.since = s.since)
            from servings s where s.repository_id = @id order by s.since desc
            """,
            row => new HeldServing(new(row.GetInt64(0)), row.Time(1), row.TimeOrNull(2), row.TimeOrNull(3), row.TimeOrNull(4)),
            ("@id", repository.Id)
        );
        var current = repository.Served is null ? null : repository.ServedSince?.ToDb();
        return
        [
            .. from serving in servings
               let stopped = serving.Since.ToDb() == current ? serving with { StoppedAt = null } : serving with { StoppedAt = serving.StoppedAt ?? repository.ServedSince ?? now }
               where stopped.StoppedAt is null || (!(stopped.StoppedAt <= repository.GraceFrom) && now - stopped.LastUse < hold)
               select stopped,
        ];
    }
}
