using System.IO.Enumeration;
using Parceler.Feeds;
using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.Releases;

/// <summary>A version of a package, and where it is.</summary>
/// <param name="Snapshots">Those that have it, oldest first.</param>
/// <param name="IsServed">Whether the served snapshot has it.</param>
/// <param name="ServedFrom">When a snapshot that has it is served next, if nothing but time happens; null when it is served now, or never will be.</param>
internal sealed record FoundPackage(FoundFeed Feed, FeedPackage Package, IReadOnlyList<SnapshotInstant> Snapshots, bool IsServed, DateTimeOffset? ServedFrom);

/// <summary>Looks for a package in all snapshots of a repository. An index that several snapshots have is read once, and none is kept.</summary>
internal sealed class FindPackages(OpenPackages packages, SnapshotCatalog catalog, TimeProvider clock)
{
    /// <param name="pattern">A name; '*' and '?' stand for any text and character.</param>
    /// <param name="warn">Is told of snapshots and feeds that can't be looked through.</param>
    /// <returns>By feed, name, architecture, the newest version first.</returns>
    public async Task<List<FoundPackage>> RunAsync(Repository repository, string pattern, Action<string> warn, CancellationToken cancellation)
    {
        var snapshots = await catalog.ListAsync(repository, cancellation);
        var forecast = ReleaseForecast.Of(
            ServedSnapshots.PolicyOf(repository), [.. snapshots.Select(ServedSnapshots.Known)], ServedSnapshots.UntilNow(repository), clock.GetUtcNow(), DateTimeOffset.MaxValue);
        var search = new Search(packages, repository.Name, pattern, warn);
        foreach (var snapshot in snapshots)
        {
            await search.LookAsync(snapshot, cancellation);
        }

        var found = search.Hits.Select(hit => ToFound(hit, forecast)).ToList();
        found.Sort(Compare);
        return found;
    }

    private static FoundPackage ToFound(Hit hit, List<ForecastServing> forecast)
    {
        var next = forecast.Find(serving => serving.Choice.Snapshot is { } snapshot && hit.Snapshots.Contains(snapshot));
        return new(hit.Feed, hit.Package, hit.Snapshots, next is { From: null }, next?.From);
    }

    private static int Compare(FoundPackage a, FoundPackage b) =>
        string.CompareOrdinal(a.Feed.Head, b.Feed.Head) is not 0 and var feed ? feed
        : string.CompareOrdinal(a.Package.Name, b.Package.Name) is not 0 and var name ? name
        : string.CompareOrdinal(a.Package.Architecture, b.Package.Architecture) is not 0 and var architecture ? architecture
        : FeedVersions.OrderOf(a.Feed.Format).Compare(b.Package.Version, a.Package.Version);

    private sealed record Hit(FoundFeed Feed, FeedPackage Package, List<SnapshotInstant> Snapshots);

    private sealed class Search(OpenPackages packages, RepositoryName name, string pattern, Action<string> warn)
    {
        private readonly Dictionary<(string Head, string Digest), List<(FoundFeed Feed, FeedPackage Package)>> _byIndex = [];
        private readonly Dictionary<(string Head, string Name, string Version, string Architecture), Hit> _hits = [];
        private readonly bool _isPattern = pattern.AsSpan().ContainsAny('*', '?');

        public IEnumerable<Hit> Hits => _hits.Values;

        public async Task LookAsync(SnapshotSummary snapshot, CancellationToken cancellation)
        {
            try
            {
                foreach (var (feed, package) in await MatchesAsync(snapshot, cancellation))
                {
                    var key = (feed.Head, package.Name, package.Version, package.Architecture);
                    if (!_hits.TryGetValue(key, out var hit))
                    {
                        _hits.Add(key, hit = new(feed, package, []));
                    }

                    if (hit.Snapshots is not [.., var last] || last != snapshot.Instant)
                    {
                        hit.Snapshots.Add(snapshot.Instant);
                    }
                }
            }
            catch (Exception e) when (e is CorruptManifestException or RefusedException or IOException)
            {
                warn($"snapshot {snapshot.Instant}: {e.Message}");
            }
        }

        private async Task<IEnumerable<(FoundFeed Feed, FeedPackage Package)>> MatchesAsync(SnapshotSummary snapshot, CancellationToken cancellation)
        {
            if (snapshot.Feeds.Count > 0 && snapshot.Feeds.All(feed => _byIndex.ContainsKey((feed.Head, feed.Sha256))))
            {
                return snapshot.Feeds.SelectMany(feed => _byIndex[(feed.Head, feed.Sha256)]);
            }

            var opened = await packages.OpenAsync(name, snapshot.Instant, cancellation);
            return [.. opened.Feeds.SelectMany(feed => MatchesOf(opened, feed, cancellation))];
        }

        private List<(FoundFeed, FeedPackage)> MatchesOf(SnapshotPackages snapshot, FoundFeed feed, CancellationToken cancellation)
        {
            var key = (feed.Head, snapshot.Tree.Find(feed.Head)!.Value.Digest.ToString());
            if (_byIndex.TryGetValue(key, out var known))
            {
                return known;
            }

            var reading = FeedReader.Default.Read(feed, snapshot.Tree, cancellation);
            if (reading.Fault is { } fault)
            {
                warn($"snapshot {snapshot.Instant}: {fault}");
            }

            return _byIndex[key] = [.. (reading.Feed?.Packages ?? []).Where(package => Fits(package.Name)).Select(package => (feed, package))];
        }

        private bool Fits(string package) => _isPattern ? FileSystemName.MatchesSimpleExpression(pattern, package, ignoreCase: false) : package == pattern;
    }
}
