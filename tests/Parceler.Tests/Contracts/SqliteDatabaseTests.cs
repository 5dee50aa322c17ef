using Parceler.Database;

namespace Parceler.Tests.Contracts;

public sealed class SqliteDatabaseTests : DatabaseContract
{
    public override void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        base.Dispose();
    }

    private protected override ParcelerDb Connect() => new SqliteDb(Folder["database.sqlite"]);

    private protected override Task<List<string>> ColumnsAsync(DbSession session) =>
        session.QueryAsync(
            "select t.name || '.' || c.name from sqlite_master t join pragma_table_info(t.name) c where t.type = 'table' and t.name not like 'sqlite_%'",
            row => row.GetString(0)
        );
}
