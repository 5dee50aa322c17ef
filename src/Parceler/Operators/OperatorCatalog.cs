using System.Data.Common;
using System.Text.Json.Nodes;
using Parceler.Audit;
using Parceler.Database;
using Parceler.Repositories;

namespace Parceler.Operators;

/// <summary>The operators in the database.</summary>
internal sealed class OperatorCatalog(ParcelerDb db, TimeProvider clock)
{
    private const string Columns = "name, role, salt, hash, rounds, created_at";

    /// <exception cref="RefusedException">There is one of this name, or the password or the role is none.</exception>
    public async Task AddAsync(AccountName name, string role, string password, CancellationToken cancellation)
    {
        ScopeWords.OfRole(role);
        var hash = PasswordHash.Of(password);
        await db.WriteAsync(
            async session =>
            {
                var added = await session.ExecuteAsync(
                    $"insert into operators ({Columns}) values (@name, @role, @salt, @hash, @rounds, @at) on conflict (name) do nothing",
                    [("@role", role), ("@at", clock.GetUtcNow().ToDb()), .. ValuesOf(name, hash)]
                );
                if (added == 0)
                {
                    throw new RefusedException($"There is an operator '{name}' already. To change the password: parceler operator password {name}");
                }

                await AuditLog.WriteAsync(session, null, null, StateOf(name, role));
            },
            cancellation
        );
    }

    /// <summary>Another password, which ends the operator's sessions; false when there is none of this name.</summary>
    public async Task<bool> ChangePasswordAsync(AccountName name, string password, CancellationToken cancellation)
    {
        var hash = PasswordHash.Of(password);
        return await db.WriteAsync(
            async session =>
            {
                if (await session.ExecuteAsync("update operators set salt = @salt, hash = @hash, rounds = @rounds where name = @name", ValuesOf(name, hash)) == 0)
                {
                    return false;
                }

                await session.ExecuteAsync("delete from operator_sessions where operator = @name", ("@name", name.ToString()));
                await AuditLog.WriteAsync(session, null, null, new() { ["operator"] = name.ToString(), ["password"] = "changed" });
                return true;
            },
            cancellation
        );
    }

    /// <summary>Also ends the sessions; false when there is none of this name.</summary>
    public Task<bool> RemoveAsync(AccountName name, CancellationToken cancellation) =>
        db.WriteAsync(
            async session =>
            {
                if (await FindAsync(session, name) is not { } known)
                {
                    return false;
                }

                await session.ExecuteAsync("delete from operators where name = @name", ("@name", name.ToString()));
                await AuditLog.WriteAsync(session, null, StateOf(name, known.Role), null);
                return true;
            },
            cancellation
        );

    public async Task<List<Operator>> ListAsync(CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        return await session.QueryAsync($"select {Columns} from operators order by name", Read);
    }

    public async Task<Operator?> FindAsync(AccountName name, CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        return await FindAsync(session, name);
    }

    private static Task<Operator?> FindAsync(DbSession session, AccountName name) =>
        session.FirstAsync($"select {Columns} from operators where name = @name", Read, ("@name", name.ToString()));

    private static JsonObject StateOf(AccountName name, string role) => new() { ["operator"] = name.ToString(), ["role"] = role };

    private static (string, object?)[] ValuesOf(AccountName name, PasswordHash password) =>
        [("@name", name.ToString()), ("@salt", password.Salt), ("@hash", password.Hash), ("@rounds", password.Rounds)];

    private static Operator Read(DbDataReader row) =>
        new(AccountName.Parse(row.GetString(0)), row.GetString(1), new((byte[])row.GetValue(2), (byte[])row.GetValue(3), row.Int(4)), row.Time(5));
}
