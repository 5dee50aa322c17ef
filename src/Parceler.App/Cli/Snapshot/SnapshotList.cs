using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Answers;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.App.Cli;

/// <summary>Stands at two places: <c>snapshot list</c> and <c>repository snapshots</c>.</summary>
internal sealed class SnapshotList : CliCommand
{
    private readonly Argument<RepositoryName> _name = Inputs.Name();
    private readonly Option<bool> _json = Inputs.Json();

    public SnapshotList(CliContext context, string noun, string verb)
        : base(
            context,
            verb,
            "Lists the snapshots of a repository, oldest first: instant, files, size, new bytes, whether it is served, why and until when",
            $"parceler {noun} {verb} nethsecurity"
        )
    {
        Add(_name);
        Add(_json);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var services = await Context.OpenAsync(cancellation);
        var listed = await services.GetRequiredService<ReadSnapshots>().ListAsync(parsed.GetRequiredValue(_name), cancellation);
        var (name, choice, entries) = (listed.Repository.Name, listed.Choice, listed.Entries);
        choice.Warn(name, Context.Warn);
        await choice.WarnUnreadableAsync(name, services.GetRequiredService<ManifestStore>(), Context.Warn, cancellation);
        if (parsed.GetValue(_json))
        {
            await Listing.PrintJsonAsync(Context, entries, CliJson.Printed.SnapshotEntry, cancellation);
        }
        else
        {
            Print(name, entries, choice.Until);
        }

        return ExitCodes.Done;
    }

    private void Print(RepositoryName name, List<SnapshotEntry> entries, DateTimeOffset? until)
    {
        var listing = new Listing("Snapshot", "Files", "Size", "New", "Served", "Why", "Until");
        foreach (var entry in entries)
        {
            var (size, newBytes) = (Listing.Size(Context, entry.Bytes), Listing.Size(Context, entry.NewBytes));
            listing.Add(entry.Instant, $"{entry.Files}", size, newBytes, entry.Served ? "served" : null, entry.Reason, entry.Served ? Listing.Time(until) : null);
        }

        listing.Print(Context);
        if (entries.Count == 0)
        {
            Context.Note($"'{name}' has no snapshot yet: machines get 404. To make one: parceler repository sync {name} --wait");
        }
    }
}
