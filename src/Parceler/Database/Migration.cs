using System.Globalization;

namespace Parceler.Database;

/// <summary>Numbered SQL files, embedded, applied once each and in order.</summary>
internal static class Migration
{
    public static async Task ApplyAsync(DbSession session, string dialect)
    {
        await session.ExecuteAsync("create table if not exists parceler_migrations (number bigint primary key, name text not null)");
        var done = await session.QueryAsync("select number from parceler_migrations", row => row.GetInt64(0));
        foreach (var (number, name) in Of(dialect).Where(m => !done.Contains(m.Number)))
        {
            await session.ExecuteAsync(Read(name));
            await session.ExecuteAsync("insert into parceler_migrations (number, name) values (@number, @name)", ("@number", number), ("@name", name));
        }
    }

    // Embedded as Parceler.Database.Migrations.<dialect>.NNNN_name.sql
    private static IEnumerable<(long Number, string Name)> Of(string dialect)
    {
        var prefix = $"Parceler.Database.Migrations.{dialect}.";
        return typeof(Migration)
            .Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(name => (long.Parse(name.AsSpan(prefix.Length, 4), CultureInfo.InvariantCulture), name))
            .OrderBy(m => m.Item1);
    }

    private static string Read(string name)
    {
        using var reader = new StreamReader(typeof(Migration).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
