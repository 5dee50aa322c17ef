using Parceler.Feeds;
using Parceler.Storage;

namespace Parceler.Snapshots;

/// <summary>One path that differs between two snapshots; null on the side where there is no such file.</summary>
internal readonly record struct FileChange(SnapshotFile? Before, SnapshotFile? After)
{
    public string Path => (After ?? Before)!.Value.Path;

    /// <summary>Walks both lists at once: each is sorted by path, ordinal.</summary>
    public static IEnumerable<FileChange> Between(IReadOnlyList<SnapshotFile> before, IReadOnlyList<SnapshotFile> after)
    {
        var (b, a) = (0, 0);
        while (b < before.Count || a < after.Count)
        {
            var order = b == before.Count ? 1 : a == after.Count ? -1 : string.CompareOrdinal(before[b].Path, after[a].Path);
            if (order < 0)
            {
                yield return new(before[b++], null);
            }
            else if (order > 0)
            {
                yield return new(null, after[a++]);
            }
            else
            {
                if (before[b].Digest != after[a].Digest)
                {
                    yield return new(before[b], after[a]);
                }

                (b, a) = (b + 1, a + 1);
            }
        }
    }
}

/// <summary>What differs between two snapshots.</summary>
/// <param name="Files">Those that belong to no feed.</param>
/// <param name="Faults">Feeds that can't be read on one side: their files stand among the others.</param>
internal sealed record SnapshotChanges(IReadOnlyList<PackageChange> Packages, IReadOnlyList<FileChange> Files, IReadOnlyList<FeedFault> Faults);

/// <summary>Compares two snapshots package by package. Reads only the feeds in whose folders something changed.</summary>
internal sealed class CompareSnapshots(SnapshotPackages before, SnapshotPackages after)
{
    private readonly List<PackageChange> _packages = [];
    private readonly List<FeedFault> _faults = [];
    private readonly List<FileChange> _changes = [.. FileChange.Between(before.Files, after.Files)]; // sorted by path
    private readonly HashSet<string> _left = new(StringComparer.Ordinal); // what no feed has claimed

    public SnapshotChanges Run(CancellationToken cancellation)
    {
        _changes.ForEach(change => _left.Add(change.Path));
        var pairs = Pairs();
        var changed = pairs.FindAll(pair => LeftBelow(pair.Feed.Folder).Any());
        CompareAll(changed, cancellation);

        // the index of a feed can be the same and a package of it not, where it names no hash
        CompareAll(pairs.Except(changed).Where(pair => LeftBelow(pair.Feed.Root).Any()).ToList(), cancellation);
        return new(_packages, [.. _changes.Where(change => _left.Contains(change.Path))], _faults);
    }

    private List<Pair> Pairs()
    {
        var older = before.Feeds.ToDictionary(feed => feed.Identity, StringComparer.Ordinal);
        var pairs = after.Feeds.Select(feed => new Pair(older.Remove(feed.Identity, out var known) ? known : null, feed)).ToList();
        return [.. pairs, .. older.Values.Select(gone => new Pair(gone, null))];
    }

    private IEnumerable<string> LeftBelow(string folder)
    {
        for (var at = FirstAtOrAfter(folder); at < _changes.Count && _changes[at].Path.StartsWith(folder, StringComparison.Ordinal); at++)
        {
            if (_left.Contains(_changes[at].Path))
            {
                yield return _changes[at].Path;
            }
        }
    }

    private int FirstAtOrAfter(string path)
    {
        var (low, high) = (0, _changes.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = string.CompareOrdinal(_changes[middle].Path, path) < 0 ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private void CompareAll(List<Pair> pairs, CancellationToken cancellation)
    {
        var readings = new FeedReading?[2 * pairs.Count];
        ManyFiles.For(0, readings.Length, Read, cancellation);
        for (var at = 0; at < pairs.Count; at++)
        {
            Compare(pairs[at], readings[2 * at], readings[(2 * at) + 1]);
        }

        void Read(int at) => readings[at] = at % 2 == 0
            ? pairs[at / 2].Before is { } older ? before.Read(older, cancellation) : null
            : pairs[at / 2].After is { } newer ? after.Read(newer, cancellation) : null;
    }

    private void Compare(Pair pair, FeedReading? older, FeedReading? newer)
    {
        if ((older?.Fault ?? newer?.Fault) is { } fault)
        {
            _faults.Add(fault);
            return;
        }

        _packages.AddRange(new PackageDiff(pair.Feed, before.Tree, after.Tree).Between(older?.Feed, newer?.Feed));
        Claim(pair.Feed, older);
        Claim(pair.Feed, newer);
    }

    // what is left at the end belongs to no feed
    private void Claim(FoundFeed found, FeedReading? reading)
    {
        foreach (var path in (reading?.Feed?.Packages.Select(package => package.Path) ?? []).Concat(reading?.Used.Keys ?? []))
        {
            _left.Remove(path);
        }

        foreach (var path in LeftBelow(found.Folder).Where(path => IsOfIndex(found, path.AsSpan(found.Folder.Length))).ToList())
        {
            _left.Remove(path);
        }
    }

    private static bool IsOfIndex(FoundFeed found, ReadOnlySpan<char> below) => found.Format switch
    {
        FeedFormat.Apt when found.IsFlat => below.StartsWith("Packages") || below.StartsWith("Release") || below.StartsWith("by-hash/") || below is "InRelease",
        FeedFormat.Apt or FeedFormat.Rpm => true,
        FeedFormat.Opkg => below.StartsWith("Packages.") || below is "Packages" or "index.json",
        _ => below is "index.json",
    };

    private sealed record Pair(FoundFeed? Before, FoundFeed? After)
    {
        public FoundFeed Feed => (After ?? Before)!;
    }
}
