namespace Parceler.Tests.Simulation;

/// <summary>Each feed's index and its signature, which must fit. Reads everything at each update; never with a condition.</summary>
internal sealed class OpkgMachine(int number, SimulatedRepository repository, SimulatedTime time, SimulatedHistory history, Random random)
    : SimulatedMachine(number, repository, time, history, random)
{
    protected override IEnumerable<TimeSpan> Update(List<Listed> lists)
    {
        if (Random.Next(4) == 0)
        {
            Get("latest_release"); // asked at any time, of whatever snapshot
            yield return Soon;
        }

        foreach (var feed in SimulatedUpstream.Feeds)
        {
            var index = Get($"{feed}/Packages.gz").File.Digest;
            yield return Soon;
            var signed = Repository.TextOf(Get($"{feed}/Packages.sig").File.Digest);
            Must(signed == index.ToString(), $"{feed}/Packages.sig signs {signed}, the index is {index}");
            yield return Soon;
            lists.AddRange(Repository.ListedIn(index));
        }
    }
}

/// <summary>
/// Each feed's index, which holds its own signature. Installs for four hours without asking. Its condition, the time of its own
/// download, is never taken for one.
/// </summary>
internal sealed class ApkMachine(int number, SimulatedRepository repository, SimulatedTime time, SimulatedHistory history, Random random)
    : SimulatedMachine(number, repository, time, history, random)
{
    private readonly SimulatedTime _time = time;

    protected override bool KeepsLists => _time.Passed - ReadAt < TimeSpan.FromHours(4);

    protected override IEnumerable<TimeSpan> Update(List<Listed> lists)
    {
        foreach (var feed in SimulatedUpstream.Feeds)
        {
            lists.AddRange(Repository.ListedIn(Get($"{feed}/packages.adb").File.Digest));
            yield return Soon;
        }
    }
}

/// <summary>
/// InRelease, with the date of its last answer as a condition; if that is new the index, by its digest or, on mirrors without
/// that, by its path. Keeps its lists until the next ones are there whole.
/// </summary>
internal sealed class AptMachine(int number, SimulatedRepository repository, SimulatedTime time, SimulatedHistory history, Random random)
    : SimulatedMachine(number, repository, time, history, random)
{
    private (DateTimeOffset Date, Parceler.Storage.Digest Digest)? _release;
    private List<Listed> _lists = [];

    protected override bool KeepsLists => true;

    protected override IEnumerable<TimeSpan> Update(List<Listed> lists)
    {
        var found = Get("dists/stable/InRelease");
        if (_release is not { } kept || kept.Date != found.LastModified)
        {
            yield return Soon;
            var named = Repository.ListedIn(found.File.Digest)[Number % 2 == 0 ? 0 : 1];
            _lists = [.. Repository.ListedIn(Get(named).File.Digest)];
            _release = (found.LastModified, found.File.Digest);
        }
        else
        {
            Must(kept.Digest == found.File.Digest, $"InRelease changed under its date {kept.Date:dd HH:mm:ss}");
            History.Happened(SimulatedHistory.NotModified);
        }

        lists.AddRange(_lists);
        yield return Soon;
    }

    protected override void LoseWhatWasBegun()
    {
        // the lists of the last whole update stay
    }
}

/// <summary>repomd.xml and the primary index that it names; other indexes when they are needed. Installs for hours from what it kept.</summary>
internal sealed class DnfMachine(int number, SimulatedRepository repository, SimulatedTime time, SimulatedHistory history, Random random)
    : SimulatedMachine(number, repository, time, history, random)
{
    protected override bool KeepsLists => true;

    protected override IEnumerable<TimeSpan> Update(List<Listed> lists)
    {
        var indexes = Repository.ListedIn(Get("repodata/repomd.xml").File.Digest);
        yield return Soon;
        lists.AddRange(Repository.ListedIn(Get(indexes[0]).File.Digest));
        yield return Soon;
        lists.AddRange(indexes.Skip(1));
    }
}
