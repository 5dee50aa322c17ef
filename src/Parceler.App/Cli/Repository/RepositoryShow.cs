using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parceler.Feeds;
using Parceler.Jobs;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.App.Cli;

internal sealed class RepositoryShow : CliCommand
{
    private readonly Argument<RepositoryName> _name = Inputs.Name();
    private readonly Option<bool> _json = Inputs.Json();

    public RepositoryShow(CliContext context)
        : base(context, "show", "Shows one repository: its settings, what is served and until when", "parceler repository show nethsecurity")
    {
        Add(_name);
        Add(_json);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var services = await Context.OpenAsync(cancellation);
        var repository = await services.GetRequiredService<RepositoryCatalog>().GetAsync(parsed.GetRequiredValue(_name), cancellation);
        var snapshots = await services.GetRequiredService<SnapshotCatalog>().ListAsync(repository, cancellation);
        var last = await services.GetRequiredService<JobQueue>().LastAsync([JobKinds.Sync, JobKinds.Release], cancellation);
        var now = Context.Clock.GetUtcNow();
        var choice = ServedSnapshots.Choose(repository, snapshots, now);
        choice.Warn(repository.Name, Context);
        var details = RepositoryDetails.Of(repository, snapshots, choice, last.GetValueOrDefault(repository.Name.ToString())) with
        {
            Feeds = await FeedsAsync(services.GetRequiredService<OpenPackages>(), repository, snapshots, cancellation),
            FeedWarnings = [.. WarningsOf(repository, snapshots, choice, now)],
        };
        if (parsed.GetValue(_json))
        {
            Context.Say(JsonSerializer.Serialize(details, CliJson.Printed.RepositoryDetails));
        }
        else
        {
            details.ToListing().Print(Context);
        }

        return ExitCodes.Done;
    }

    // Of what is served, as long as it is, and of the newest when its turn comes.
    private static IEnumerable<string> WarningsOf(Parceler.Repositories.Repository repository, List<SnapshotSummary> snapshots, ServedChoice choice, DateTimeOffset now)
    {
        var served = snapshots.Find(snapshot => snapshot.Instant == choice.Snapshot);
        var newest = snapshots.FindLast(snapshot => !snapshot.Pinned);
        return [
            .. served is null ? [] : WarningsOf(served, ", which is served", feed => FeedValidity.WarningOf(feed.ValidUntil, now, choice.Until ?? now, "the next one is released")),
            .. newest is null || newest == served ? [] : WarningsOf(newest, "", feed => FeedValidity.WarningOf(feed.ValidUntil, now, newest.Instant.Time.AddDays(repository.DelayDays))),
        ];
    }

    private static IEnumerable<string> WarningsOf(SnapshotSummary snapshot, string what, Func<SnapshotFeed, string?> warningOf) =>
        from feed in snapshot.Feeds
        let warning = warningOf(feed)
        where warning is not null
        select $"{feed.ToFound()} of snapshot {snapshot.Instant}{what}: {warning}";

    private async Task<IReadOnlyList<SnapshotFeed>> FeedsAsync(OpenPackages packages, Parceler.Repositories.Repository repository, List<SnapshotSummary> snapshots, CancellationToken cancellation)
    {
        if (snapshots.FindLast(snapshot => !snapshot.Pinned) is not { } newest || newest.Feeds.Count > 0)
        {
            return snapshots.FindLast(snapshot => !snapshot.Pinned)?.Feeds ?? [];
        }

        try
        {
            // it was made before feeds were recorded, or without the gate
            var snapshot = await packages.OpenAsync(repository.Name, newest.Instant, cancellation);
            return [.. snapshot.Feeds.Select(feed => snapshot.Read(feed, cancellation)).Where(feed => feed.IsFeed).Select(feed => SnapshotFeed.Of(feed, snapshot.Tree, null))];
        }
        catch (Exception e) when (e is CorruptManifestException or RefusedException or IOException)
        {
            Context.Note($"warning: {repository.Name}: {e.Message}");
            return [];
        }
    }
}
