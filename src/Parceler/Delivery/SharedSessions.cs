using Parceler.Database;

namespace Parceler.Delivery;

/// <summary>Decides on a machine's session in the database, in one transaction: for all servers at once.</summary>
internal sealed class SharedSessions(ParcelerDb db, Readings readings, LeaseRule rule)
{
    /// <returns>Null when another snapshot is served than this server's map says: it has to be brought up first.</returns>
    public async Task<SessionChoice?> DecideAsync(ServedRepository repository, Reader reader, string path, long now, CancellationToken cancellation)
    {
        var (choice, lease) = await db.WriteAsync(session => DecideAsync(session, repository, reader, path, now), cancellation);
        if (lease is { } decided && repository.ServingSince(decided.Since) is { } serving)
        {
            readings.Take(decided, serving, now);
        }

        return choice;
    }

    private async Task<(SessionChoice?, Lease?)> DecideAsync(DbSession session, ServedRepository repository, Reader reader, string path, long now)
    {
        if (await ServedSinceAsync(session, repository.Id) != repository.Served?.SinceMilliseconds)
        {
            return (null, null);
        }

        var stored = await LeaseRows.FindAsync(session, reader);
        var known = Merged(stored, reader, now);
        var reads = known is { } last && repository.ServingSince(last.Since) is { IsOver: false } serving ? serving : null;
        var choice = SessionChoice.Of(rule, repository, reads, reads is null ? null : known!.Value.Span, path, now);
        var after = After(choice.Step, repository, reader, reads is null ? null : known, now);
        if (after is { } lease && lease != stored)
        {
            await LeaseRows.PutAsync(session, lease, await LeaseRows.NextAsync(session));
        }

        return (choice, after);
    }

    // What the database knows and what this server knows.
    private Lease? Merged(Lease? stored, Reader reader, long now)
    {
        var own = readings.Find(reader) is { Serving.IsOver: false } reading ? Readings.LeaseOf(reader, reading) : (Lease?)null;
        return stored is { } known && own is { } here ? Lease.Merge(known, here, rule, now) : stored ?? own;
    }

    private static Lease? After(LeaseStep step, ServedRepository repository, Reader reader, Lease? known, long now) =>
        step switch
        {
            LeaseStep.StartSession => new(reader, repository.Served!.SinceMilliseconds, new(now, now)),
            LeaseStep.FollowSession => known!.Value with { Span = known.Value.Span with { RenewedAt = now } },
            _ => known,
        };

    private static Task<long?> ServedSinceAsync(DbSession session, string repositoryId) =>
        session.FirstAsync(
            "select case when served is null then null else served_since end from repositories where id = @id",
            row => row.NumberOrNull(0),
            ("@id", repositoryId)
        );
}
