using Parceler.Audit;
using Parceler.Database;

namespace Parceler.Operators;

/// <summary>Somebody who is signed in.</summary>
internal sealed record OperatorSession(AccountName Operator, string Role, DateTimeOffset StartedAt, DateTimeOffset SeenAt)
{
    public static readonly TimeSpan Idle = TimeSpan.FromHours(1);
    public static readonly TimeSpan Longest = TimeSpan.FromHours(12);

    public Scopes Scopes => ScopeWords.OfRole(Role);

    public DateTimeOffset EndsAt => StartedAt + Longest;

    public bool IsOver(DateTimeOffset now) => now - SeenAt >= Idle || now >= EndsAt;
}

/// <summary>The sessions of operators: in the database, so that every node knows them. What the cookie holds is kept as a hash only.</summary>
internal sealed class OperatorSessions(ParcelerDb db, TimeProvider clock)
{
    private static readonly TimeSpan s_renewEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_keepAddresses = TimeSpan.FromDays(90);

    /// <summary>Begins one under a secret that nobody knew before, and ends the one that the same browser had.</summary>
    /// <returns>What its cookie holds.</returns>
    public async Task<string> BeginAsync(Operator signedIn, string? previous, string address, CancellationToken cancellation)
    {
        var secret = RandomSecret.Make();
        var now = clock.GetUtcNow().ToDb();
        await db.WriteAsync(
            async session =>
            {
                await RemoveAsync(session, previous);
                await session.ExecuteAsync(
                    "insert into operator_sessions (id, operator, started_at, seen_at, address) values (@id, @operator, @now, @now, @address)",
                    ("@id", RandomSecret.HashOf(secret)),
                    ("@operator", signedIn.Name.ToString()),
                    ("@now", now),
                    ("@address", address)
                );
                await session.ExecuteAsync(
                    "insert into operator_addresses (operator, address, seen_at) values (@operator, @address, @now) on conflict (operator, address) do update set seen_at = excluded.seen_at",
                    ("@operator", signedIn.Name.ToString()),
                    ("@address", address),
                    ("@now", now)
                );
                await AuditLog.WriteAsync(session, null, null, new() { ["operator"] = signedIn.Name.ToString() });
            },
            cancellation
        );
        return secret;
    }

    /// <summary>The session under a secret, renewed; null when there is none, or it is over.</summary>
    public async Task<OperatorSession?> FindAsync(string secret, CancellationToken cancellation)
    {
        if (secret.Length != RandomSecret.Length)
        {
            return null;
        }

        var found = await ReadAsync(secret, cancellation);
        var now = clock.GetUtcNow();
        if (found is null || found.IsOver(now))
        {
            return null;
        }

        if (now - found.SeenAt >= s_renewEvery)
        {
            await db.WriteAsync(
                session => session.ExecuteAsync("update operator_sessions set seen_at = @now where id = @id", ("@now", now.ToDb()), ("@id", RandomSecret.HashOf(secret))),
                cancellation
            );
        }

        return found;
    }

    public Task EndAsync(string secret, CancellationToken cancellation) => db.WriteAsync(session => RemoveAsync(session, secret), cancellation);

    /// <summary>Whether this operator has signed in from there before.</summary>
    public async Task<bool> KnowsAsync(AccountName name, string address, CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        var known = await session.FirstAsync(
            "select count(*) from operator_addresses where operator = @operator and address = @address",
            row => row.GetInt64(0),
            ("@operator", name.ToString()),
            ("@address", address)
        );
        return known > 0;
    }

    /// <summary>Drops what is over.</summary>
    public Task ForgetAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        return db.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync(
                    "delete from operator_sessions where seen_at <= @idle or started_at <= @oldest",
                    ("@idle", (now - OperatorSession.Idle).ToDb()),
                    ("@oldest", (now - OperatorSession.Longest).ToDb())
                );
                await session.ExecuteAsync("delete from operator_addresses where seen_at < @before", ("@before", (now - s_keepAddresses).ToDb()));
            },
            cancellation
        );
    }

    private async Task<OperatorSession?> ReadAsync(string secret, CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        return await session.FirstAsync(
            "select s.operator, o.role, s.started_at, s.seen_at from operator_sessions s join operators o on o.name = s.operator where s.id = @id",
            row => new OperatorSession(AccountName.Parse(row.GetString(0)), row.GetString(1), row.Time(2), row.Time(3)),
            ("@id", RandomSecret.HashOf(secret))
        );
    }

    private static Task RemoveAsync(DbSession session, string? secret) =>
        secret is null ? Task.CompletedTask : session.ExecuteAsync("delete from operator_sessions where id = @id", ("@id", RandomSecret.HashOf(secret)));
}
