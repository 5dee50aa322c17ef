using Parceler.Repositories;
using Parceler.Storage;

namespace Parceler.Feeds;

/// <summary>What the gate looks at.</summary>
/// <param name="Previous">The tree of the last snapshot; null when there is none.</param>
/// <param name="Trust">None: signatures are not looked at.</param>
/// <param name="Seen">The heads that each feed ever had in this repository, by path.</param>
/// <param name="AcceptsRollback">An operator said that upstream may go back.</param>
/// <param name="Delay">For how long the tree will be held back.</param>
/// <param name="PreviousWasChecked">Whether the last snapshot passed the gate without a fault, so that what it has is proven.</param>
internal sealed record GateInput(
    FeedTree Tree,
    IReadOnlyList<FeedReading> Feeds,
    FeedTree? Previous,
    IReadOnlyList<FeedReading> PreviousFeeds,
    IReadOnlyList<TrustedKey> Trust,
    ILookup<string, Digest> Seen,
    GateMode Mode,
    bool AcceptsRollback,
    TimeSpan Delay,
    DateTimeOffset Now,
    bool PreviousWasChecked = true
);

/// <summary>
/// The gate: whether a synced tree is whole and genuine. A rule over what it is given: it keeps nothing, waits for nothing, and reads no file
/// but those whose hash their digests do not tell.
/// </summary>
internal static class GateRule
{
    public static GateReport Check(GateInput input, CancellationToken cancellation)
    {
        if (input.Mode == GateMode.Off)
        {
            return GateReport.Nothing;
        }

        var known = input.PreviousFeeds.Where(feed => feed.IsFeed).ToDictionary(feed => feed.Found.Identity, StringComparer.Ordinal);
        var findings = new GateFindings();
        foreach (var feed in input.Feeds.Where(feed => feed.IsFeed))
        {
            known.Remove(feed.Found.Identity, out var previous);
            new FeedGate(input, feed, previous, findings).Run(cancellation);
        }

        foreach (var gone in known.Values)
        {
            CheckGone(input, gone, findings);
        }

        return findings.ToReport(input.Mode);
    }

    // an old version of a distribution goes away whole; a head alone is missing while upstream is being written
    private static void CheckGone(GateInput input, FeedReading gone, GateFindings findings)
    {
        if (gone.Feed?.Packages.FirstOrDefault(package => input.Tree.Find(package.Path) is not null) is { } left)
        {
            findings.Fault(gone.Found, null, $"its index '{gone.Found.Head}' is gone, but packages of it such as '{left.Path}' are there", mayWait: true);
        }
        else
        {
            findings.Note(gone.Found, null, "it is gone");
        }
    }
}

/// <summary>Collects what the gate finds; of one feed only the first of each kind, since one cause can have many.</summary>
internal sealed class GateFindings
{
    private const int MostOfAFeed = 20;
    private readonly List<FeedFault> _faults = [];
    private readonly List<FeedRemark> _alarms = [];
    private readonly List<FeedRemark> _warnings = [];
    private readonly List<FeedRemark> _notes = [];
    private readonly List<FeedSignature> _signatures = [];
    private readonly List<FoundFeed> _unchanged = [];
    private readonly Dictionary<(object List, string Feed), int> _counts = [];

    public void Fault(FoundFeed feed, FeedPackage? package, string reason, bool mayWait)
    {
        if (Counts(_faults, feed))
        {
            _faults.Add(new(feed, NameOf(package), reason, mayWait));
        }
    }

    public void Fault(FeedFault fault)
    {
        if (Counts(_faults, fault.Feed))
        {
            _faults.Add(fault);
        }
    }

    public void Alarm(FoundFeed feed, FeedPackage? package, string reason) => Add(_alarms, feed, package, reason);

    public void Warn(FoundFeed feed, FeedPackage? package, string reason) => Add(_warnings, feed, package, reason);

    public void Note(FoundFeed feed, FeedPackage? package, string reason) => Add(_notes, feed, package, reason);

    public void Sign(FeedSignature signature) => _signatures.Add(signature);

    public void Keep(FoundFeed feed) => _unchanged.Add(feed);

    public GateReport ToReport(GateMode mode) =>
        new(mode, WithCount(_faults), WithCount(_alarms), WithCount(_warnings), WithCount(_notes), _signatures) { Unchanged = _unchanged };

    private void Add(List<FeedRemark> remarks, FoundFeed feed, FeedPackage? package, string reason)
    {
        if (Counts(remarks, feed))
        {
            remarks.Add(new(feed, NameOf(package), reason));
        }
    }

    private bool Counts(object list, FoundFeed feed) => (_counts[(list, feed.Identity)] = _counts.GetValueOrDefault((list, feed.Identity)) + 1) <= MostOfAFeed;

    private List<FeedFault> WithCount(List<FeedFault> faults) =>
        [.. faults, .. More(faults, faults.Select(fault => fault.Feed)).Select(more => new FeedFault(more.Feed, null, more.Reason, MayWait: true))];

    private List<FeedRemark> WithCount(List<FeedRemark> remarks) =>
        [.. remarks, .. More(remarks, remarks.Select(remark => remark.Feed)).Select(more => new FeedRemark(more.Feed, null, more.Reason))];

    private IEnumerable<(FoundFeed Feed, string Reason)> More(object list, IEnumerable<FoundFeed> feeds) =>
        from feed in feeds.DistinctBy(feed => feed.Identity).ToList()
        let more = _counts[(list, feed.Identity)] - MostOfAFeed
        where more > 0
        select (feed, $"and {more} more of the kind");

    private static string? NameOf(FeedPackage? package) => package is null ? null : $"{package.Name} {package.Version}";
}
