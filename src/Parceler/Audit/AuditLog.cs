using System.Data.Common;
using System.Text.Json.Nodes;
using Parceler.Database;

namespace Parceler.Audit;

/// <summary>One change that somebody asked for.</summary>
/// <param name="Before">JSON: what was, as far as it changed; null where there was nothing.</param>
/// <param name="After">JSON: what is now; null where nothing is left.</param>
internal sealed record AuditEntry(long Id, DateTimeOffset At, string Who, string What, string? Repository, string? Before, string? After, string? Address);

/// <summary>Who changed what: a row for each change, written in the transaction that makes it.</summary>
internal sealed class AuditLog(ParcelerDb db)
{
    /// <summary>Adds a row for the action under way; nothing where nobody asked for it, or where nothing changed.</summary>
    public static async Task WriteAsync(DbSession session, string? repository, JsonObject? before, JsonObject? after)
    {
        AuditState.KeepDifferences(before, after);
        if (AuditedAction.Current is not { } action || (before is { Count: 0 } && after is { Count: 0 }))
        {
            return;
        }

        await session.ExecuteAsync(
            "insert into audit_log (at, who, what, repository, state_before, state_after, address) values (@at, @who, @what, @repository, @before, @after, @address)",
            ("@at", action.Clock.GetUtcNow().ToDb()),
            ("@who", action.Actor.Name),
            ("@what", action.What),
            ("@repository", repository),
            ("@before", AuditState.ToText(before)),
            ("@after", AuditState.ToText(after)),
            ("@address", action.Actor.Address)
        );
    }

    /// <summary>The newest entries, newest first.</summary>
    /// <param name="below">Only those with a smaller number: to go on where the last look ended.</param>
    public async Task<List<AuditEntry>> ListAsync(string? repository, DateTimeOffset? since, long? below, int most, CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        return await session.QueryAsync(
            """
            select id, at, who, what, repository, state_before, state_after, address from audit_log
            where (cast(@repository as text) is null or repository = @repository) and at >= @since and id < @below
            order by id desc limit @most
            """,
            Read,
            ("@repository", repository),
            ("@since", since.ToDb() ?? 0),
            ("@below", below ?? long.MaxValue),
            ("@most", most)
        );
    }

    public Task ForgetAsync(DateTimeOffset before, CancellationToken cancellation) =>
        db.WriteAsync(session => session.ExecuteAsync("delete from audit_log where at < @before", ("@before", before.ToDb())), cancellation);

    private static AuditEntry Read(DbDataReader row) =>
        new(row.GetInt64(0), row.Time(1), row.GetString(2), row.GetString(3), row.TextOrNull(4), row.TextOrNull(5), row.TextOrNull(6), row.TextOrNull(7));
}
