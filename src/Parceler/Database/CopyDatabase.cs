using System.Globalization;

namespace Parceler.Database;

/// <summary>How many rows of a table were copied.</summary>
internal sealed record CopiedTable(string Name, long Rows);

/// <summary>The copy does not hold what the original does; nothing of it was kept.</summary>
internal sealed class IncompleteCopyException(string message) : Exception(message);

/// <summary>
/// Copies an SQLite database into an empty PostgreSQL one: all of it in one transaction there, while nobody can write here. Who is alive
/// is not copied: the processes say so themselves.
/// </summary>
internal sealed class CopyDatabase(SqliteDb from, PostgresDb to)
{
    private const int AtOnce = 100; // rows in a statement

    // Each after those that it refers to.
    private static readonly string[] s_tables =
    [
        "revisions", "settings", "repositories", "snapshots", "seen_indexes", "servings", "jobs", "job_log", "machines", "verdicts",
        "unreferenced_blobs", "audit_log", "api_tokens", "operators", "operator_sessions", "operator_addresses", "asked_jobs", "leases", "announced_switches", "announced_switches_seen", "index_dates", "netify_answers",
    ];

    private static readonly string[] s_numbered = ["jobs", "audit_log", "announced_switches"];

    /// <summary>The first table of the target that holds something; null when it is empty.</summary>
    public async Task<string?> FindRowsAsync(CancellationToken cancellation)
    {
        await using var session = await to.OpenAsync(cancellation);
        foreach (var table in s_tables.Append("workers"))
        {
            if (await CountAsync(session, table) > 0)
            {
                return table;
            }
        }

        return null;
    }

    /// <param name="progress">Told the table, and how many of all rows are done.</param>
    /// <exception cref="IncompleteCopyException"/>
    public Task<List<CopiedTable>> RunAsync(Action<string, long, long> progress, CancellationToken cancellation) =>
        from.WriteAsync(source => to.WriteAsync(target => CopyAsync(source, target, progress), cancellation), cancellation);

    private static async Task<List<CopiedTable>> CopyAsync(DbSession source, DbSession target, Action<string, long, long> progress)
    {
        var copied = new List<CopiedTable>();
        var (done, total) = (0L, 0L);
        foreach (var table in s_tables)
        {
            total += await CountAsync(source, table);
        }

        foreach (var table in s_tables)
        {
            await CopyAsync(source, target, table, rows => progress(table, done + rows, total));
            copied.Add(new(table, await ComparedAsync(source, target, table)));
            done += copied[^1].Rows;
        }

        foreach (var table in s_numbered)
        {
            await GoOnAfterAsync(source, target, table);
        }

        return copied;
    }

    private static async Task CopyAsync(DbSession source, DbSession target, string table, Action<long> progress)
    {
        var columns = await target.QueryAsync(
            "select column_name from information_schema.columns where table_schema = current_schema() and table_name = @table order by ordinal_position",
            row => row.GetString(0),
            ("@table", table)
        );
        var (batch, rows) = (new List<object?[]>(), 0L);
        await source.EachAsync(
            $"select {List(columns)} from {table}",
            async row =>
            {
                batch.Add([.. Enumerable.Range(0, columns.Count).Select(i => row.IsDBNull(i) ? null : row.GetValue(i))]);
                if (batch.Count == AtOnce)
                {
                    rows += await InsertAsync(target, table, columns, batch);
                    progress(rows);
                }
            }
        );
        await InsertAsync(target, table, columns, batch);
    }

    private static async Task<int> InsertAsync(DbSession target, string table, List<string> columns, List<object?[]> batch)
    {
        if (batch.Count == 0)
        {
            return 0;
        }

        var rows = batch.Select((_, row) => $"({string.Join(", ", columns.Select((_, column) => Name(row, column)))})");
        var values = batch.SelectMany((row, i) => row.Select((value, column) => (Name(i, column), value)));
        var inserted = await target.ExecuteAsync($"insert into {table} ({List(columns)}) values {string.Join(", ", rows)}", [.. values]);
        batch.Clear();
        return inserted;
    }

    private static async Task<long> ComparedAsync(DbSession source, DbSession target, string table)
    {
        var (before, after) = (await CountAsync(source, table), await CountAsync(target, table));
        return before == after ? after : throw new IncompleteCopyException($"{after} of {before} rows of {table} came through: nothing was kept of the copy");
    }

    // No number is given twice, not even that of a row that was deleted.
    private static async Task GoOnAfterAsync(DbSession source, DbSession target, string table)
    {
        var last = await source.FirstAsync("select seq from sqlite_sequence where name = @table", row => row.GetInt64(0), ("@table", table));
        if (last > 0)
        {
            await target.ExecuteAsync($"alter table {table} alter column id restart with {(last + 1).ToString(CultureInfo.InvariantCulture)}");
        }
    }

    private static Task<long> CountAsync(DbSession session, string table) => session.FirstAsync($"select count(*) from {table}", row => row.GetInt64(0));

    private static string List(List<string> columns) => string.Join(", ", columns.Select(column => $"\"{column}\""));

    private static string Name(int row, int column) => string.Create(CultureInfo.InvariantCulture, $"@r{row}c{column}");
}
