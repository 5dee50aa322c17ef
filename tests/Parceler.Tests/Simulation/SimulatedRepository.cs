using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.Tests.Simulation;

/// <summary>A repository with what an operator and its syncs do to it.</summary>
internal sealed class SimulatedRepository(RepositoryName name, SimulatedUpstream upstream, Random random)
{
    private readonly Dictionary<Digest, string> _texts = [];

    public RepositoryName Name => name;

    public SimulatedUpstream Upstream => upstream;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public string TextOf(Digest digest) => _texts[digest];

    public async Task CreateAsync(SimulatedServer server)
    {
        await server.Get<CreateRepository>().RunAsync(name, new("true", "", 0, AllowEmpty: false, TimeLimit: null), trust: [], also: null, Cancellation);
        await SyncAsync(server, releases: false, atOnce: false);
    }

    /// <summary>Takes in what upstream has now, without its command.</summary>
    public async Task SyncAsync(SimulatedServer server, bool releases, bool atOnce)
    {
        var files = upstream.Next().Select(file => Store(server.Get<BlobStore>(), file.Key, file.Value)).ToList();
        var repository = await server.Get<RepositoryCatalog>().GetAsync(name, Cancellation);
        await using (await server.Get<AnnounceSwitch>().RunAsync(repository.Id, Cancellation))
        {
            await server.Get<CommitSnapshot>().RunAsync(new(repository, files, 0, "sync", InTransaction: RecordAsync), Cancellation);
        }

        await server.Get<PruneSnapshots>().RunAsync(name, server.Get<GracePeriod>().Hold, Cancellation);

        async Task RecordAsync(Parceler.Database.DbSession session, SnapshotInstant instant)
        {
            var current = await RepositoryCatalog.FindAsync(session, name);
            var changed = releases ? current! with { Freeze = null, ReleaseMark = instant.UnixSeconds } : current!;
            await RepositoryCatalog.UpdateAsync(session, changed);
            await ServedSnapshots.RecordAsync(session, changed, server.Clock.Now);
            if (atOnce)
            {
                await ServedSnapshots.EndSessionsAsync(session, changed, server.Clock.Now);
            }
        }
    }

    /// <returns>Whether sessions were meant to end.</returns>
    public async Task<bool> ChangeAsync(SimulatedServer server)
    {
        var atOnce = random.Next(10) == 0;
        var repository = await server.Get<RepositoryCatalog>().GetAsync(name, Cancellation);
        var snapshots = await server.Get<SnapshotCatalog>().ListAsync(repository, Cancellation);
        var any = snapshots[random.Next(snapshots.Count)].Instant;
        switch (random.Next(8))
        {
            case 0 when repository.Freeze is null:
                await server.Get<FreezeRepository>().RunAsync(name, any.ToString(), atOnce, (_, _, _) => { }, Cancellation);
                return atOnce;
            case 0 or 1 when repository.Freeze is not null:
                await server.Get<UnfreezeRepository>().RunAsync(name, Cancellation);
                return false;
            case 2 when snapshots.Count > 1 && any.UnixSeconds != repository.Freeze:
                await server.Get<DeleteSnapshots>().RunAsync(name, [any.ToString()], atOnce, Cancellation);
                return atOnce;
            case 3:
                await server.Get<EditRepository>().RunAsync(name, settings => settings with { DelayDays = 1 - settings.DelayDays }, Cancellation);
                return false;
            case 4:
                await SyncAsync(server, releases: true, atOnce);
                return atOnce;
            default:
                await SyncAsync(server, releases: false, atOnce: false);
                return false;
        }
    }

    private SnapshotFile Store(BlobStore blobs, string path, string content)
    {
        var digest = SimulatedUpstream.DigestOf(content);
        _texts[digest] = content;
        if (!File.Exists(blobs.PathOf(digest)))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(blobs.PathOf(digest))!);
            File.WriteAllText(blobs.PathOf(digest), content);
        }

        blobs.Renew(digest);
        return new(path, digest, content.Length, 1);
    }
}
