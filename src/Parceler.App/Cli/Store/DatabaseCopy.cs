using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Configuration;
using Parceler.Database;
using Parceler.Repositories;

namespace Parceler.App.Cli;

/// <summary>A copy as <c>database copy --json</c> prints it.</summary>
internal sealed record CopyEntry(long Rows, List<CopiedTable> Tables);

internal sealed class DatabaseCopy : CliCommand
{
    private readonly Option<string> _to = new("--to") { Required = true, HelpName = "URL", Description = "The PostgreSQL database: it is there, and empty. Its password may be left out, for PGPASSWORD or --to-password-stdin" };
    private readonly Option<bool> _fromInput = new("--to-password-stdin") { Description = "Read the password from standard input, one line" };
    private readonly Option<bool> _json = Inputs.Json();

    public DatabaseCopy(CliContext context)
        : base(
            context,
            "copy",
            "Copies the SQLite database into an empty PostgreSQL one and compares the counts of rows; the SQLite file stays as it is. Stop the service first, or take it down: parceler down",
            "parceler database copy --to postgres://parceler@db.example.org/parceler --to-password-stdin"
        )
    {
        Add(_to);
        Add(_fromInput);
        Add(_json);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        if (Context.ReadSettings().Postgres is not null)
        {
            throw new UsageException("DB_CONNECTION is pgsql: set it to sqlite, the database that is copied from, and to pgsql when the copy is made");
        }

        var address = AddressOf(parsed.GetRequiredValue(_to));
        address = parsed.GetValue(_fromInput) ? address with { Password = await Context.In.ReadLineAsync(cancellation) } : address;
        await using var services = await Context.OpenAsync(cancellation);
        await RunningService.RefuseAsync(services, "what it writes from now on would be missing from the copy", cancellation);
        using var target = new PostgresDb(address);
        var copy = new CopyDatabase((SqliteDb)services.GetRequiredService<ParcelerDb>(), target);
        await target.MigrateAsync(cancellation);
        if (await copy.FindRowsAsync(cancellation) is { } table)
        {
            throw new RefusedException($"The database {address} is not empty: its table {table} holds rows. Nothing was changed");
        }

        Print(await Bar.RunAsync(Context, progress => copy.RunAsync((name, done, total) => progress($"copying {name}", done, total), cancellation)), address, parsed.GetValue(_json));
        return ExitCodes.Done;
    }

    private static PostgresAddress AddressOf(string url)
    {
        var faults = new List<string>();
        var address = new DatabaseSettings(new ConfigurationBuilder().AddInMemoryCollection([new("DB_URL", url)]).Build(), faults).Read();
        return address ?? throw new UsageException(string.Join('\n', faults.Select(fault => fault.Replace("DB_URL", "--to", StringComparison.Ordinal))));
    }

    private void Print(List<CopiedTable> tables, PostgresAddress address, bool asJson)
    {
        var rows = tables.Sum(table => table.Rows);
        if (asJson)
        {
            Context.Say(JsonSerializer.Serialize(new CopyEntry(rows, tables), CliJson.Printed.CopyEntry));
            return;
        }

        var listing = new Listing("Table", "Rows");
        tables.ForEach(table => listing.Add(table.Name, $"{table.Rows}"));
        listing.Print(Context);
        Context.Say($"{rows} rows are in {address}, as many of each table as here");
        Context.Note("Now set DB_CONNECTION=pgsql, DB_HOST, DB_PORT, DB_DATABASE, DB_USERNAME, DB_PASSWORD, and APP_KEY (the one in app.key of the storage folder, if none was set), and start the service");
    }
}
