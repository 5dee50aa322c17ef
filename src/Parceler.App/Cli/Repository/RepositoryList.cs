using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Answers;
using Parceler.Jobs;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.App.Cli;

internal sealed class RepositoryList : CliCommand
{
    private readonly Option<bool> _json = Inputs.Json();

    public RepositoryList(CliContext context)
        : base(
            context,
            "list",
            "Lists the repositories: name, delay, frozen, served snapshot and why, last sync and its result, whether its package indexes are signed",
            "parceler repository list --json"
        ) => Add(_json);

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var services = await Context.OpenAsync(cancellation);
        var entries = await services.GetRequiredService<ReadRepositories>().ListAsync(Context.Warn, cancellation);
        if (parsed.GetValue(_json))
        {
            await Listing.PrintJsonAsync(Context, entries, CliJson.Printed.RepositoryEntry, cancellation);
        }
        else
        {
            Print(entries);
        }

        return ExitCodes.Done;
    }

    private void Print(List<RepositoryEntry> entries)
    {
        var listing = new Listing("Name", "Delay", "Frozen", "Served snapshot", "Why", "Last sync");
        foreach (var entry in entries)
        {
            listing.Add(entry.Name, $"{entry.Delay}", entry.Frozen ? "frozen" : null, entry.ServedSnapshot, entry.ServedReason, Join(entry.LastSync?.ToString(), entry.Signed));
        }

        listing.Print(Context);
        if (entries.Count == 0)
        {
            Context.Note("There are no repositories yet. Add one with: parceler repository create");
        }
    }

    private static string? Join(string? lastSync, string? signed) => lastSync is null || signed is null ? lastSync : $"{lastSync}, {signed}";
}
