using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.App.Cli;

/// <summary>A snapshot that will be served, as <c>repository preview --json</c> prints it.</summary>
/// <param name="From">Since when, or from when; null for what is served now.</param>
/// <param name="Packages">What changes for machines then.</param>
/// <param name="Files">How many files that belong to no feed change then.</param>
internal sealed record PreviewEntry(DateTimeOffset? From, string? Snapshot, string Reason, IReadOnlyList<DiffEntry> Packages, int Files);

internal sealed class RepositoryPreview : CliCommand
{
    private const int DefaultDays = 7;
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
        var repository = await services.GetRequiredService<RepositoryCatalog>().GetAsync(parsed.GetRequiredValue(_name), cancellation);
        var snapshots = await services.GetRequiredService<SnapshotCatalog>().ListAsync(repository, cancellation);
        var days = parsed.GetValue(_days) ?? DefaultDays;
        var now = Context.Clock.GetUtcNow();
        var servings = ReleaseForecast.Of(
            ServedSnapshots.PolicyOf(repository), [.. snapshots.Select(ServedSnapshots.Known)], ServedSnapshots.UntilNow(repository), now, now.AddDays(days));
        servings[0].Choice.Warn(repository.Name, Context);
        var entries = await EntriesAsync(services.GetRequiredService<OpenPackages>(), repository.Name, servings, cancellation);
        await PrintAsync(entries, parsed.GetValue(_json), cancellation);
        if (entries.Count == 1)
        {
            Context.Note($"Nothing else of '{repository.Name}' is released within {days} days: {servings[^1].Choice.Text}");
        }

        return ExitCodes.Done;
    }

    private async Task<List<PreviewEntry>> EntriesAsync(OpenPackages packages, RepositoryName name, List<ForecastServing> servings, CancellationToken cancellation)
    {
        var entries = new List<PreviewEntry>();
        SnapshotPackages? before = null;
        foreach (var (from, choice) in servings)
        {
            var after = servings.Count > 1 && choice.Snapshot is { } snapshot ? await packages.OpenAsync(name, snapshot, cancellation) : null;
            var changes = before is null || after is null ? new([], [], []) : new CompareSnapshots(before, after).Run(cancellation);
            changes.Warn(name, Context);
            entries.Add(new(from, choice.Snapshot?.ToString(), choice.Text, [.. changes.Packages.Select(DiffEntry.Of)], changes.Files.Count));
            before = after;
        }

        return entries;
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
