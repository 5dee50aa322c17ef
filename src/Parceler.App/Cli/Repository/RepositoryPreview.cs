using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Answers;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.App.Cli;

internal sealed class RepositoryPreview : CliCommand
{
    public const int DefaultDays = 7;
    private readonly Argument<RepositoryName> _name = Inputs.Name();
    private readonly Option<int?> _days = new("--days") { Description = $"How many days ahead; {DefaultDays} if not given", CustomParser = Inputs.Number(1, 3650) };
    private readonly Option<bool> _json = Inputs.Json();

    public RepositoryPreview(CliContext context)
        : base(
            context,
            "preview",
            "Shows what is released when if nothing intervenes, and the packages that change for machines then",
            "parceler repository preview nethsecurity --days 14"
        )
    {
        Add(_name);
        Add(_days);
        Add(_json);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var services = await Context.OpenAsync(cancellation);
        var (name, days) = (parsed.GetRequiredValue(_name), parsed.GetValue(_days) ?? DefaultDays);
        var entries = await services.GetRequiredService<ReadSnapshots>().PreviewAsync(name, days, Context.Warn, cancellation);
        await PrintAsync(entries, parsed.GetValue(_json), cancellation);
        if (entries.Count == 1)
        {
            Context.Note($"Nothing else of '{name}' is released within {days} days: {entries[^1].Reason}");
        }

        return ExitCodes.Done;
    }

    private async Task PrintAsync(List<PreviewEntry> entries, bool asJson, CancellationToken cancellation)
    {
        if (asJson)
        {
            await Listing.PrintJsonAsync(Context, entries, CliJson.Printed.PreviewEntry, cancellation);
            return;
        }

        var listing = new Listing("From", "Snapshot", "Change", "Package", "Architecture", "Before", "After", "Size before", "Size after", "Security", "Feed");
        foreach (var entry in entries)
        {
            var from = Listing.Time(entry.From) ?? "now";
            if (entry.Packages.Count == 0)
            {
                listing.Add(from, entry.Snapshot, entry.From is null ? "served" : $"no package, {entry.Files} files", null, null, null, null, null, null, null, null);
            }

            foreach (var change in entry.Packages)
            {
                listing.Add([from, entry.Snapshot, .. change.ToCells(Context)]);
            }
        }

        listing.Print(Context);
    }
}
