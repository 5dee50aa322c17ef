using System.Data.Common;
using Parceler.Database;
using Parceler.Entitlements;

namespace Parceler.Delivery;

/// <summary>The rows of leases in the database.</summary>
internal static class LeaseRows
{
    private const string Sequence = "lease-number"; // a topic that nobody follows
    public const string Columns = "repository_id, machine, since, started_at, renewed_at";

    public static Lease Read(DbDataReader row) =>
        new(new(row.GetString(0), new MachineKey((byte[])row.GetValue(1))), row.GetInt64(2), new(row.GetInt64(3), row.GetInt64(4)));

    public static Task<Lease?> FindAsync(DbSession session, Reader reader) =>
        session.FirstAsync<Lease?>(
            $"select {Columns} from leases where repository_id = @id and machine = @machine",
            row => Read(row),
            ("@id", reader.RepositoryId),
            ("@machine", reader.Machine.AsSpan().ToArray())
        );

    // A repository that was deleted meanwhile takes no leases.
    public static Task<int> PutAsync(DbSession session, Lease lease, long revision) =>
        session.ExecuteAsync(
            $"""
            insert into leases ({Columns}, revision) select id, @machine, @since, @started, @renewed, @revision from repositories where id = @id
            on conflict (repository_id, machine) do update set since = excluded.since, started_at = excluded.started_at,
                renewed_at = excluded.renewed_at, revision = excluded.revision
            """,
            ("@id", lease.Reader.RepositoryId),
            ("@machine", lease.Reader.Machine.AsSpan().ToArray()),
            ("@since", lease.Since),
            ("@started", lease.Span.StartedAt),
            ("@renewed", lease.Span.RenewedAt),
            ("@revision", revision)
        );

    public static Task<long> NextAsync(DbSession session) =>
        session.FirstAsync(
            "insert into revisions (topic, revision) values (@topic, 1) on conflict (topic) do update set revision = revisions.revision + 1 returning revision",
            row => row.GetInt64(0),
            ("@topic", Sequence)
        );
}
