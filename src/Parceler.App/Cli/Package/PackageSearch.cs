using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Answers;
using Parceler.Feeds;
using Parceler.Releases;
using Parceler.Repositories;

namespace Parceler.App.Cli;

internal sealed class PackageSearch : CliCommand
{
    private readonly Argument<string> _name = new("NAME") { Description = "Name of the package; '*' and '?' stand for any text and character" };
    private readonly Option<RepositoryName?> _repository = new("--repository") { Description = "Look in this repository only", CustomParser = Inputs.OneOrNone<RepositoryName> };
    private readonly Option<bool> _all = new("--all-repositories") { Description = "Look in all repositories, as without --repository" };
    private readonly Option<bool> _json = Inputs.Json();

    public PackageSearch(CliContext context)
        : base(
            context,
            "search",
            "Tells which version of a package is in which snapshot, which is served now, and from when a newer one will be",
            "parceler package search openssl --repository nethsecurity"
        )
    {
        Add(_name);
        Add(_repository);
        Add(_all);
        Add(_json);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var only = parsed.GetValue(_repository);
        if (only is not null && parsed.GetValue(_all))
        {
            throw new UsageException("Give --repository or --all-repositories, not both");
        }

        await using var services = await Context.OpenAsync(cancellation);
        var catalog = services.GetRequiredService<RepositoryCatalog>();
        var repositories = only is { } name ? [await catalog.GetAsync(name, cancellation)] : await catalog.ListAsync(cancellation);
        var entries = new List<PackageEntry>();
        foreach (var repository in repositories)
        {
            var found = await services.GetRequiredService<FindPackages>().RunAsync(repository, parsed.GetRequiredValue(_name), warning => Context.Note($"warning: {repository.Name}: {warning}"), cancellation);
            entries.AddRange(found.Select(package => PackageEntry.Of(repository.Name, package)));
        }

        await PrintAsync(entries, parsed.GetValue(_json), cancellation);
        if (entries.Count == 0)
        {
            Context.Note($"No snapshot of {(only is { } one ? $"'{one}'" : "any repository")} has a package '{parsed.GetRequiredValue(_name)}'");
        }

        return entries.Count > 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    private async Task PrintAsync(List<PackageEntry> entries, bool asJson, CancellationToken cancellation)
    {
        if (asJson)
        {
            await Listing.PrintJsonAsync(Context, entries, CliJson.Printed.PackageEntry, cancellation);
            return;
        }

        var listing = new Listing("Repository", "Package", "Version", "Architecture", "State", "Snapshots", "Feed");
        foreach (var entry in entries)
        {
            listing.Add(entry.Repository, entry.Name, entry.Version, entry.Architecture, entry.State, entry.Where, $"{entry.Format} {entry.Feed}");
        }

        listing.Print(Context);
    }
}
