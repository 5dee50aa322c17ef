using System.Security.Cryptography;
using System.Text;
using Parceler.Database;

namespace Parceler.Netify;

/// <summary>The last good answers in the database: what one web server has asked for, the others and the next start have.</summary>
internal sealed class NetifyStore(ParcelerDb db)
{
    public async Task<NetifyAnswer?> FindAsync(string name, CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        return await session.FirstAsync(
            "select content, fresh_until, valid_until from netify_answers where name = @name",
            row => new NetifyAnswer((byte[])row.GetValue(0), row.Time(1), row.Time(2)),
            ("@name", name)
        );
    }

    public Task KeepAsync(string name, NetifyAnswer answer, CancellationToken cancellation) =>
        db.WriteAsync(
            session =>
                session.ExecuteAsync(
                    """
                    insert into netify_answers (name, content, fresh_until, valid_until) values (@name, @content, @fresh, @valid)
                    on conflict (name) do update set content = excluded.content, fresh_until = excluded.fresh_until, valid_until = excluded.valid_until
                    """,
                    ("@name", name),
                    ("@content", answer.Content.ToArray()),
                    ("@fresh", answer.FreshUntil.ToDb()),
                    ("@valid", answer.ValidUntil.ToDb())
                ),
            cancellation
        );

    /// <summary>Held by the one web server that asks upstream for this.</summary>
    public Task<DatabaseLock> LockAsync(string name, CancellationToken cancellation) => db.LockAsync($"netify-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 8))}", cancellation);
}
