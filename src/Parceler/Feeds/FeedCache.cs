namespace Parceler.Feeds;

/// <summary>
/// Keeps readings of feeds by what they were read from, so that snapshots with the same index read it once. Bounded by the packages that it
/// holds; what was not asked for longest goes first. Any number of threads may use it.
/// </summary>
internal sealed class FeedCache(FeedReader reader, int mostPackages)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<(FeedFile? Head, FeedReading Reading)> _readings = []; // the last asked for first
    private int _packages;

    public FeedReading Read(FoundFeed found, FeedTree tree, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (Find(found, tree) is { } known)
            {
                return known;
            }
        }

        var reading = reader.Read(found, tree, cancellation);
        lock (_lock)
        {
            Keep(reading, tree.Find(found.Head));
        }

        return reading;
    }

    private FeedReading? Find(FoundFeed found, FeedTree tree)
    {
        var head = tree.Find(found.Head);
        for (var node = _readings.First; node is not null; node = node.Next)
        {
            var (knownHead, reading) = node.Value;
            if (knownHead == head && reading.Found == found && reading.IsAsIn(tree))
            {
                _readings.Remove(node);
                _readings.AddFirst(node);
                return reading;
            }
        }

        return null;
    }

    private void Keep(FeedReading reading, FeedFile? head)
    {
        _readings.AddFirst((head, reading));
        _packages += WeightOf(reading);
        while (_packages > mostPackages && _readings.Last is { } last)
        {
            _packages -= WeightOf(last.Value.Reading);
            _readings.RemoveLast();
        }
    }

    private static int WeightOf(FeedReading reading) => 10 + (reading.Feed?.Packages.Count ?? 0);
}
