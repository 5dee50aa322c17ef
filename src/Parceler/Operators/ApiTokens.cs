using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.Json.Nodes;
using Parceler.Audit;
using Parceler.Database;
using Parceler.Repositories;

namespace Parceler.Operators;

/// <summary>The tokens in the database. One that is revoked is of no use from the next request on, at any node.</summary>
internal sealed class ApiTokens(ParcelerDb db, TimeProvider clock)
{
    private const string Prefix = "parceler_"; // so that those who look for secrets in places where they should not be know it
    private const string Columns = "name, scopes, created_at, created_by, expires_at, last_used_at";
    private readonly ConcurrentDictionary<AccountName, DateTimeOffset> _used = [];

    /// <returns>The token itself, which nobody can be told again.</returns>
    /// <exception cref="RefusedException">There is one of this name.</exception>
    public async Task<string> CreateAsync(AccountName name, Scopes scopes, DateTimeOffset? expiresAt, CancellationToken cancellation)
    {
        var token = Prefix + RandomSecret.Make();
        await db.WriteAsync(
            async session =>
            {
                await AddAsync(session, new(name, scopes, clock.GetUtcNow(), AuditedAction.Current?.Actor.Name ?? "", expiresAt, null), token);
                await AuditLog.WriteAsync(session, null, null, StateOf(name, scopes, expiresAt));
            },
            cancellation
        );
        return token;
    }

    /// <summary>False when there is none of this name.</summary>
    public Task<bool> RevokeAsync(AccountName name, CancellationToken cancellation) =>
        db.WriteAsync(
            async session =>
            {
                if (await session.FirstAsync($"select {Columns} from api_tokens where name = @name", Read, ("@name", name.ToString())) is not { } token)
                {
                    return false;
                }

                await session.ExecuteAsync("delete from api_tokens where name = @name", ("@name", name.ToString()));
                await AuditLog.WriteAsync(session, null, StateOf(name, token.Scopes, token.ExpiresAt), null);
                return true;
            },
            cancellation
        );

    public async Task<List<ApiToken>> ListAsync(CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        return await session.QueryAsync($"select {Columns} from api_tokens order by name", Read);
    }

    /// <summary>Whose token it is; null when it is nobody's, or has expired.</summary>
    public async Task<ApiToken?> FindAsync(string token, CancellationToken cancellation)
    {
        if (token.Length != Prefix.Length + RandomSecret.Length || !token.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null; // without a look at the database
        }

        await using var session = await db.OpenAsync(cancellation);
        var found = await session.FirstAsync($"select {Columns} from api_tokens where hash = @hash", Read, ("@hash", RandomSecret.HashOf(token)));
        var now = clock.GetUtcNow();
        if (found is null || found.ExpiresAt <= now)
        {
            return null;
        }

        _used[found.Name] = now;
        return found;
    }

    /// <summary>Writes when tokens were used: now and then, for no request is to wait for it.</summary>
    public async Task WriteUsesAsync(CancellationToken cancellation)
    {
        var used = _used.ToArray();
        if (used.Length == 0)
        {
            return;
        }

        await db.WriteAsync(
            async session =>
            {
                foreach (var (name, at) in used)
                {
                    await session.ExecuteAsync("update api_tokens set last_used_at = @at where name = @name and coalesce(last_used_at, 0) < @at", ("@at", at.ToDb()), ("@name", name.ToString()));
                }
            },
            cancellation
        );
        foreach (var use in used)
        {
            _used.TryRemove(use); // unless it was used again
        }
    }

    private static async Task AddAsync(DbSession session, ApiToken token, string secret)
    {
        var added = await session.ExecuteAsync(
            "insert into api_tokens (name, hash, scopes, created_at, created_by, expires_at) values (@name, @hash, @scopes, @at, @by, @expires) on conflict (name) do nothing",
            ("@name", token.Name.ToString()),
            ("@hash", RandomSecret.HashOf(secret)),
            ("@scopes", string.Join(' ', token.Scopes.ToWords())),
            ("@at", token.CreatedAt.ToDb()),
            ("@by", token.CreatedBy),
            ("@expires", token.ExpiresAt.ToDb())
        );
        if (added == 0)
        {
            throw new RefusedException($"There is a token '{token.Name}' already. To make it anew: parceler token revoke {token.Name}, then create it again");
        }
    }

    private static JsonObject StateOf(AccountName name, Scopes scopes, DateTimeOffset? expiresAt) =>
        new() { ["token"] = name.ToString(), ["scopes"] = AuditState.ListOf(scopes.ToWords()), ["expiresAt"] = expiresAt };

    private static ApiToken Read(DbDataReader row) =>
        new(AccountName.Parse(row.GetString(0)), ScopeWords.Parse(row.GetString(1).Split(' ')), row.Time(2), row.GetString(3), row.TimeOrNull(4), row.TimeOrNull(5));
}
