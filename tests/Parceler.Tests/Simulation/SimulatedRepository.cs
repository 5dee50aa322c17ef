using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.Tests.Simulation;

/// <summary>A file as an index names it.</summary>
internal readonly record struct Listed(string Path, Digest Digest);

/// <summary>A repository with what an operator and its syncs do to it.</summary>
internal sealed class SimulatedRepository(RepositoryName name, SimulatedUpstream upstream, SimulatedHistory history, Random random)
{
    private readonly Dictionary<Digest, string> _texts = [];
    private readonly Dictionary<Digest, IReadOnlyList<Listed>> _lists = [];

    public RepositoryName Name => name;

    public SimulatedUpstream Upstream => upstream;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public string TextOf(Digest digest) => _texts[digest];

    /// <summary>What an index lists.</summary>
    public IReadOnlyList<Listed> ListedIn(Digest index)
    {
        if (!_lists.TryGetValue(index, out var lists))
        {
            lists = [.. _texts[index].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).Where(parts => parts.Length == 2).Select(parts => new Listed(parts[0], Digest.Parse(parts[1])))];
            _lists.Add(index, lists);
        }

        return lists;
    }

    public async Task CreateAsync(SimulatedServer by)
    {
        await by.Get<CreateRepository>().RunAsync(name, new("true", "", 0, AllowEmpty: false, TimeLimit: null), trust: [], also: null, Cancellation);
        await SyncAsync(by, releases: false, atOnce: false);
    }

    /// <returns>Whether sessions were meant to end.</returns>
    public async Task<bool> ChangeAsync(SimulatedServer by)
    {
        var atOnce = random.Next(6) == 0;
        var repository = await by.Get<RepositoryCatalog>().GetAsync(name, Cancellation);
        var snapshots = await by.Get<SnapshotCatalog>().ListAsync(repository, Cancellation);
        var any = snapshots[random.Next(snapshots.Count)].Instant;
        return random.Next(8) switch
        {
            0 when repository.Freeze is null => await FreezeAsync(by, any, atOnce),
            0 or 1 when repository.Freeze is not null => await UnfreezeAsync(by),
            2 when snapshots.Count > 1 && any.UnixSeconds != repository.Freeze => await DeleteAsync(by, any, atOnce),
            3 => await EditAsync(by),
            4 => await SyncAsync(by, releases: true, atOnce),
            _ => await SyncAsync(by, releases: false, atOnce: false),
        };
    }

    private async Task<bool> FreezeAsync(SimulatedServer by, SnapshotInstant snapshot, bool atOnce)
    {
        history.Happened(atOnce ? "freezes at once" : "freezes", $"{name} {snapshot}");
        await by.Get<FreezeRepository>().RunAsync(name, snapshot.ToString(), atOnce, (_, _, _) => { }, Cancellation);
        return atOnce;
    }

    private async Task<bool> UnfreezeAsync(SimulatedServer by)
    {
        history.Happened("unfreezes", name.ToString());
        await by.Get<UnfreezeRepository>().RunAsync(name, Cancellation);
        return false;
    }

    private async Task<bool> DeleteAsync(SimulatedServer by, SnapshotInstant snapshot, bool atOnce)
    {
        history.Happened(atOnce ? "deletes at once" : "deletes", $"{name} {snapshot}");
        await by.Get<DeleteSnapshots>().RunAsync(name, [snapshot.ToString()], atOnce, Cancellation);
        return atOnce;
    }

    private async Task<bool> EditAsync(SimulatedServer by)
    {
        history.Happened("edits", name.ToString());
        await by.Get<EditRepository>().RunAsync(name, settings => settings with { DelayDays = 1 - settings.DelayDays }, Cancellation);
        return false;
    }

    // Takes in what upstream has now, without its command.
    private async Task<bool> SyncAsync(SimulatedServer by, bool releases, bool atOnce)
    {
        history.Happened(!releases ? "syncs" : atOnce ? "releases at once" : "releases", name.ToString());
        var files = upstream.Next().Select(file => Store(by.Get<BlobStore>(), file.Key, file.Value)).ToList();
        var repository = await by.Get<RepositoryCatalog>().GetAsync(name, Cancellation);
        await using (await by.Get<AnnounceSwitch>().RunAsync(repository.Id, Cancellation))
        {
            await by.Get<CommitSnapshot>().RunAsync(new(repository, files, 0, "sync", InTransaction: RecordAsync), Cancellation);
        }

        await by.Get<PruneSnapshots>().RunAsync(name, by.Get<GracePeriod>().Hold, Cancellation);
        return atOnce;

        async Task RecordAsync(Parceler.Database.DbSession session, SnapshotInstant instant)
        {
            var now = by.Get<TimeProvider>().GetUtcNow();
            var current = await RepositoryCatalog.FindAsync(session, name);
            var changed = releases ? current! with { Freeze = null, ReleaseMark = instant.UnixSeconds } : current!;
            await RepositoryCatalog.UpdateAsync(session, changed);
            await ServedSnapshots.RecordAsync(session, changed, now);
            if (atOnce)
            {
                await ServedSnapshots.EndSessionsAsync(session, changed, now);
            }
        }
    }

    private SnapshotFile Store(BlobStore blobs, string path, string content)
    {
        var digest = SimulatedUpstream.DigestOf(content);
        _texts[digest] = content;
        if (!File.Exists(blobs.LocalPathOf(digest)!))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(blobs.LocalPathOf(digest)!)!);
            File.WriteAllText(blobs.LocalPathOf(digest)!, content);
        }

        blobs.Reuse(digest, new FileInfo(blobs.LocalPathOf(digest)!).Length).Should().BeTrue();
        return new(path, digest, content.Length, 1);
    }
}
