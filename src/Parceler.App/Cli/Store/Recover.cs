using System.CommandLine;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Configuration;
using Parceler.Database;
using Parceler.Entitlements;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.App.Cli;

internal sealed class Recover(CliContext context)
    : CliCommand(
        context,
        "recover",
        "Rebuilds a lost or damaged database from the storage alone: repositories, freezes, snapshots. Stop the service first",
        "parceler recover"
    )
{
    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var services = Context.Compose(); // not prepared: a new database on a used storage is what this is for
        await RefuseEmptyAsync(services.GetRequiredService<StorageDisk>(), cancellation);
        var database = services.GetRequiredService<ParcelerDb>();
        if (await IsDamagedAsync(database, cancellation))
        {
            new DamagedDatabase(services.GetRequiredService<ParcelerSettings>().DatabaseFile, Context).MoveAside();
            await database.MigrateAsync(cancellation);
        }

        var recover = services.GetRequiredService<RecoverDatabase>();
        var recovery = await Bar.RunAsync(Context, progress => recover.RunAsync(progress, cancellation));
        var machines = await RecoverMachinesAsync(services.GetRequiredService<LocalMachines>(), recovery.Problems, cancellation);
        recovery.Problems.ForEach(problem => Context.Note($"warning: {problem}"));
        if (recovery is { WasLost: false, Repositories: 0, Problems.Count: 0 } && machines == 0)
        {
            throw new RefusedException("The database has all repositories of the storage: it is not lost. To rebuild it all the same, stop the service and move the database file away first");
        }

        Context.Say($"Recovered {recovery.Repositories} repositories with {recovery.Snapshots} snapshots, and {machines} machines");
        return recovery.Problems.Count == 0 ? ExitCodes.Done : TellRest();
    }

    private int TellRest()
    {
        Context.Note(
            "Not all was recovered. Restore the files named above from a backup, or remove them. The service takes restored manifests over by itself; for the rest, once more: parceler recover"
        );
        return ExitCodes.Failed;
    }

    private static async Task<int> RecoverMachinesAsync(LocalMachines machines, List<string> problems, CancellationToken cancellation)
    {
        try
        {
            return await machines.RecoverAsync(cancellation);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            problems.Add($"{StorageKeys.Machines} is damaged, the list of machines was passed over: {e.Message}");
            return 0;
        }
    }

    private static async Task RefuseEmptyAsync(StorageDisk disk, CancellationToken cancellation)
    {
        if (await disk.FindAsync(StorageKeys.Identity, cancellation) is null && !await disk.ListAsync(StorageKeys.Repositories, cancellation).AnyAsync(cancellation))
        {
            throw new RefusedException("The storage holds nothing to recover from: is its disk mounted, and STORAGE_PATH right?");
        }
    }

    private static async Task<bool> IsDamagedAsync(ParcelerDb database, CancellationToken cancellation)
    {
        if (database is not SqliteDb)
        {
            await database.MigrateAsync(cancellation);
            return false; // a server looks after its files itself
        }

        try
        {
            await database.MigrateAsync(cancellation);
            await using var session = await database.OpenAsync(cancellation);
            return await session.FirstAsync("pragma quick_check(1)", row => row.GetString(0)) != "ok";
        }
        catch (Exception e) when (IsDamage(e as SqliteException ?? e.InnerException as SqliteException))
        {
            return true;
        }
    }

    private static bool IsDamage(SqliteException? e) => e?.SqliteErrorCode is 11 or 26; // SQLITE_CORRUPT, SQLITE_NOTADB
}
