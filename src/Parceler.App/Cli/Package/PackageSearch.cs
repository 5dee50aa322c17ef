using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Parceler.Feeds;
using Parceler.Releases;
using Parceler.Repositories;

namespace Parceler.App.Cli;

/// <summary>A version of a package as <c>package search --json</c> prints it.</summary>
/// <param name="Snapshots">Those that have it, oldest first.</param>
/// <param name="ServedFrom">When it will be served, if nothing intervenes; null when it is served now, or will not be.</param>
internal sealed record PackageEntry(
    string Repository,
    string Name,
    string Version,
    string Architecture,
    string Format,
    string Feed,
    string Path,
    long? Size,
    IReadOnlyList<string> Snapshots,
    bool Served,
    DateTimeOffset? ServedFrom
)
{
    public static PackageEntry Of(RepositoryName repository, FoundPackage found) =>
        new(
            repository.ToString(),
            found.Package.Name,
            found.Package.Version,
            found.Package.Architecture,
            found.Feed.Format.ToWord(),
            found.Feed.Name,
            found.Package.Path,
            found.Package.Size,
            [.. found.Snapshots.Select(snapshot => snapshot.ToString())],
            found.IsServed,
            found.ServedFrom
        );

    /// <summary>Whether machines get it, in words.</summary>
    public string State => Served ? "served now"
        : ServedFrom is { } from ? string.Create(CultureInfo.InvariantCulture, $"served from {from.UtcDateTime:yyyy-MM-dd HH:mm} UTC")
        : "not served";

    public string Where => Snapshots.Count == 1 ? Snapshots[0] : $"{Snapshots[0]} to {Snapshots[^1]} ({Snapshots.Count})";
}

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
