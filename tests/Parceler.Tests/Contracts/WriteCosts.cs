using System.Diagnostics;
using System.Globalization;
using Parceler.Database;
using Parceler.Tests.Support;

namespace Parceler.Tests.Contracts;

/// <summary>What one write transaction costs on each database; to be run by itself, with --explicit only.</summary>
public sealed class WriteCosts
{
    private const int Rounds = 5;
    private const int Writes = 200;

    [Fact(Explicit = true)]
    public async Task A_write_transaction_with_one_row_and_one_announcement()
    {
        using var folder = new TempFolder();
        var server = await PostgresServer.SharedAsync();
        using var postgres = new PostgresDb(await server.CreateAsync());
        var sqlite = new SqliteDb(folder["database.sqlite"]);
        await sqlite.MigrateAsync(TestContext.Current.CancellationToken);
        for (var round = 0; round < Rounds; round++)
        {
            Print("sqlite", await MeasureAsync(sqlite));
            Print("pgsql", await MeasureAsync(postgres));
        }
    }

    private static async Task<List<double>> MeasureAsync(ParcelerDb db)
    {
        var took = new List<double>();
        for (var i = 0; i < Writes; i++)
        {
            var since = Stopwatch.GetTimestamp();
            await db.WriteAsync(
                async session =>
                {
                    await session.ExecuteAsync("insert into settings (name, value) values ('n', @v) on conflict (name) do update set value = excluded.value", ("@v", $"{i}"));
                    await session.AnnounceAsync(Topics.Jobs);
                },
                TestContext.Current.CancellationToken
            );
            took.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
        }

        took.Sort();
        return took;
    }

    private static void Print(string name, List<double> took) =>
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: p50 {took[took.Count / 2]:0.00} ms, p95 {took[took.Count * 95 / 100]:0.00} ms"));
}
