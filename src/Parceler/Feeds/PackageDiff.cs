using System.Runtime.InteropServices;

namespace Parceler.Feeds;

/// <summary>
/// Compares two states of a feed, package by package. A feed may hold several versions of a package: the newest of each side are set against
/// each other, since machines take the newest; the others come and go.
/// </summary>
internal sealed class PackageDiff(FoundFeed found, FeedTree before, FeedTree after)
{
    private readonly IComparer<string> _order = FeedVersions.OrderOf(found.Format);

    /// <summary>The changes in the order of names; null stands for a feed that is not there.</summary>
    public List<PackageChange> Between(Feed? older, Feed? newer)
    {
        var left = new ByName(older?.Packages ?? []);
        var right = new ByName(newer?.Packages ?? []);
        var changes = new List<PackageChange>();
        foreach (var name in left.Names)
        {
            if (left.Single(name) is not { } one || right.Single(name) is not { } other || !IsSame(one, other))
            {
                changes.AddRange(ChangesOf(left.All(name), right.All(name)));
            }
        }

        changes.AddRange(right.Names.Where(name => !left.Has(name)).SelectMany(name => ChangesOf([], right.All(name))));
        changes.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name) is not 0 and var order ? order : string.CompareOrdinal(a.Architecture, b.Architecture));
        return changes;
    }

    /// <summary>Whether a package is the same file under both.</summary>
    public bool IsSameFile(FeedPackage one, FeedPackage other) =>
        one.Hash.Kind == FeedHashKind.Sha256 && other.Hash.Kind == FeedHashKind.Sha256 ? one.Hash == other.Hash
        : before.Find(one.Path) is { } left && after.Find(other.Path) is { } right ? left.Digest == right.Digest
        : one.Hash == other.Hash;

    private bool IsSame(FeedPackage one, FeedPackage other) => one.Version == other.Version && one.Architecture == other.Architecture && IsSameFile(one, other);

    private IEnumerable<PackageChange> ChangesOf(List<FeedPackage> older, List<FeedPackage> newer) =>
        older.Concat(newer).Select(package => package.Architecture).Distinct(StringComparer.Ordinal).SelectMany(architecture =>
            ChangesOfOne(older.FindAll(package => package.Architecture == architecture), newer.FindAll(package => package.Architecture == architecture)));

    private IEnumerable<PackageChange> ChangesOfOne(List<FeedPackage> older, List<FeedPackage> newer)
    {
        var best = older.MaxBy(package => package.Version, _order);
        var newBest = newer.MaxBy(package => package.Version, _order);
        var isMoved = best is not null && newBest is not null && _order.Compare(best.Version, newBest.Version) != 0;
        if (isMoved)
        {
            yield return MoveOf(best!, newBest!);
        }

        foreach (var package in newer)
        {
            if (older.Find(known => known.Version == package.Version) is not { } known)
            {
                if (!isMoved || package != newBest)
                {
                    yield return new(PackageChangeKind.Added, found, null, package, package.FixedIn == package.Version);
                }
            }
            else if (!IsSameFile(known, package))
            {
                yield return new(PackageChangeKind.Rebuilt, found, known, package);
            }
        }

        foreach (var package in older.Where(package => (!isMoved || package != best) && !newer.Exists(known => known.Version == package.Version)))
        {
            yield return new(PackageChangeKind.Removed, found, package, null);
        }
    }

    private PackageChange MoveOf(FeedPackage from, FeedPackage to) => _order.Compare(from.Version, to.Version) < 0
        ? new(PackageChangeKind.Upgraded, found, from, to, to.FixedIn is { } fix && _order.Compare(from.Version, fix) < 0)
        : new(PackageChangeKind.Downgraded, found, from, to);

    /// <summary>Packages chained by their names, without a list for each.</summary>
    private sealed class ByName
    {
        private readonly Dictionary<string, int> _first = new(StringComparer.Ordinal); // one more than the place in the list
        private readonly int[] _next;
        private readonly IReadOnlyList<FeedPackage> _packages;

        public ByName(IReadOnlyList<FeedPackage> packages)
        {
            _packages = packages;
            _next = new int[packages.Count];
            _first.EnsureCapacity(packages.Count);
            for (var at = packages.Count - 1; at >= 0; at--)
            {
                ref var first = ref CollectionsMarshal.GetValueRefOrAddDefault(_first, packages[at].Name, out _);
                _next[at] = first;
                first = at + 1;
            }
        }

        public IEnumerable<string> Names => _first.Keys;

        public bool Has(string name) => _first.ContainsKey(name);

        public FeedPackage? Single(string name) => _first.TryGetValue(name, out var at) && _next[at - 1] == 0 ? _packages[at - 1] : null;

        public List<FeedPackage> All(string name)
        {
            var all = new List<FeedPackage>();
            for (var at = _first.GetValueOrDefault(name); at > 0; at = _next[at - 1])
            {
                all.Add(_packages[at - 1]);
            }

            return all;
        }
    }
}
