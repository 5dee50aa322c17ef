using Parceler.Database;
using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.Releases;

/// <summary>Applies the release policy to repositories as the database has them, and keeps what was served until now.</summary>
internal static class ServedSnapshots
{
    public static ServedChoice Choose(Repository repository, IEnumerable<SnapshotSummary> snapshots, DateTimeOffset now) =>
        PolicyOf(repository).Choose([.. snapshots.Select(Known)], UntilNow(repository), now);

    public static ReleasePolicy PolicyOf(Repository repository) =>
        new(repository.DelayDays, Instant(repository.Freeze), Instant(repository.ReleaseMark));

    public static ServedUntilNow? UntilNow(Repository repository) =>
        Instant(repository.Served) is { } served ? new(served, repository.ServedFrozen) : null;

    public static KnownSnapshot Known(SnapshotSummary snapshot) => new(snapshot.Instant, snapshot.Previous, snapshot.Pinned);

    /// <summary>
    /// Chooses anew in the caller's transaction and records the choice when it is another one. Whatever changes a
    /// repository ends with this, so that the switch and its cause are one step.
    /// </summary>
    public static async Task<ServedChoice> RecordAsync(DbSession session, Repository repository, DateTimeOffset now)
    {
        var choice = Choose(repository, await SnapshotCatalog.ListAsync(session, repository), now);
        var frozen = choice.Reason == ServedReason.Frozen;
        if (choice.Snapshot?.UnixSeconds == repository.Served && frozen == repository.ServedFrozen)
        {
            return choice;
        }

        var switched = choice.Snapshot?.UnixSeconds != repository.Served;
        var since = switched ? After(repository.GraceFrom > repository.ServedSince ? repository.GraceFrom : repository.ServedSince, now) : repository.ServedSince;
        var changed = repository with
        {
            Served = choice.Snapshot?.UnixSeconds,
            ServedFrozen = frozen,
            ServedSince = since,
        };
        await RepositoryCatalog.UpdateAsync(session, changed);
        if (switched && choice.Snapshot is { } snapshot)
        {
            await session.ExecuteAsync(
                """
                insert into servings (repository_id, since, instant, reason) values (@id, @since, @instant, @reason)
                on conflict (repository_id, since) do update set instant = excluded.instant, reason = excluded.reason
                """,
                ("@id", repository.Id),
                ("@since", since.ToDb()),
                ("@instant", snapshot.UnixSeconds),
                ("@reason", choice.Text)
            );
        }

        return choice;
    }

    /// <summary>Ends the sessions on what is not served, and its grace. After the choice was recorded, in the same transaction.</summary>
    public static async Task EndSessionsAsync(DbSession session, Repository repository, DateTimeOffset now)
    {
        await session.ExecuteAsync(
            "update repositories set grace_from = case when served_since > @now then served_since else @now end where id = @id",
            ("@id", repository.Id),
            ("@now", now.ToDb())
        );
        await session.AnnounceAsync(Topics.Repositories);
    }

    // Machines know it as a date of whole seconds: two switches in one second, or one after the clock was set back, must
    // not look like none; nor must what stops being served now look as if it had been ended before.
    private static DateTimeOffset After(DateTimeOffset? previous, DateTimeOffset now) =>
        previous?.ToUnixTimeSeconds() is { } seconds && now.ToUnixTimeSeconds() <= seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds + 1) : now;

    private static SnapshotInstant? Instant(long? seconds) => seconds is { } s ? new SnapshotInstant(s) : null;
}
