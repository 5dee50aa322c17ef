namespace Parceler.Feeds;

/// <summary>
/// Reads feeds of any format into one shape. What is wrong with a feed is named in the reading, never thrown; an
/// <see cref="IOException"/> of the storage comes through.
/// </summary>
internal sealed class FeedReader(FeedLimits limits)
{
    public static readonly FeedReader Default = new(FeedLimits.Default);

    /// <summary>What the head names, before any index is there: a native mirror learns from it what to fetch.</summary>
    public FeedReading ReadHead(FoundFeed found, FeedTree tree, CancellationToken cancellation) => Read(found, tree, headOnly: true, cancellation);

    /// <summary>The head and all packages of the indexes that are there. Looks at no package.</summary>
    public FeedReading Read(FoundFeed found, FeedTree tree, CancellationToken cancellation) => Read(found, tree, headOnly: false, cancellation);

    private FeedReading Read(FoundFeed found, FeedTree tree, bool headOnly, CancellationToken cancellation)
    {
        var files = new FeedFiles(tree, limits, cancellation);
        FeedHead? head = null;
        try
        {
            files.Find(found.Head);
            head = ReadHead(files, found);
            return new(found, head, headOnly ? null : ReadFeed(files, head), null, files.Used);
        }
        catch (FeedFaultException e)
        {
            return new(found, head, null, new(found, null, e.Message, e.MayWait), files.Used);
        }
        catch (Exception e) when (e is InvalidDataException or FormatException)
        {
            return new(found, head, null, new(found, null, $"it can't be read: {FeedPath.Shown(e.Message)}", MayWait: true), files.Used);
        }
    }

    private static FeedHead ReadHead(FeedFiles files, FoundFeed found) => found.Format switch
    {
        FeedFormat.Opkg => OpkgFeedReader.ReadHead(files, found),
        FeedFormat.Apt => AptFeedReader.ReadHead(files, found),
        FeedFormat.Rpm => RpmFeedReader.ReadHead(files, found),
        _ => ApkFeedReader.ReadHead(files, found),
    };

    private static Feed? ReadFeed(FeedFiles files, FeedHead head) => head.Found.Format switch
    {
        FeedFormat.Opkg => OpkgFeedReader.Read(files, head),
        FeedFormat.Apt => AptFeedReader.Read(files, head),
        FeedFormat.Rpm => RpmFeedReader.Read(files, head),
        FeedFormat.Apk2 => ApkFeedReader.Read2(files, head),
        _ => ApkFeedReader.Read(files, head),
    };
}
