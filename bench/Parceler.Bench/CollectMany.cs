using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Parceler.Database;
using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.Bench;

/// <summary>
/// The collector on a store of very many blobs, which are counted and not kept: real manifests, a real database, and a listing
/// that is made up. In processes of their own: one writes the manifests, another collects, so that its memory is its own.
/// </summary>
internal sealed class CollectMany(string folder, int repositories, int snapshots, int files)
{
    private const int Changed = 100; // one file of so many is another one in the next snapshot
    private const int Garbage = 4; // one blob of so many is named by none

    private WorkFolder Work => field ??= new(folder);

    public async Task WriteAsync()
    {
        var manifests = new ManifestStore(new LocalDisk(Work));
        for (var repository = 0; repository < repositories; repository++)
        {
            for (var snapshot = 0; snapshot < snapshots; snapshot++)
            {
                var named = Enumerable.Range(0, files).Select(file => new SnapshotFile($"packages/{file:d7}_1.0-1_x86_64.ipk", DigestOf(repository, file, snapshot), 5000, 1)).ToList();
                var header = new ManifestHeader($"r{repository}", $"id{repository}", new(1_790_000_000 + (86400 * snapshot)), files, 5000L * files, 0, Manifest.TreeDigest(named), null, false, "sync");
                await manifests.CommitAsync(new(header, named), CancellationToken.None);
            }
        }
    }

    public async Task CollectAsync()
    {
        var db = new SqliteDb(Work.PathOf("database.sqlite"));
        await db.MigrateAsync(CancellationToken.None);
        var disk = new LocalDisk(Work);
        var identity = new StoreIdentity(db, disk, TimeProvider.System);
        await identity.AdoptAsync(CancellationToken.None);
        var store = new Counted(this, db, Work);
        for (var pass = 1; pass <= 2; pass++)
        {
            var since = Stopwatch.GetTimestamp();
            var found = await new CollectGarbage(db, identity, Work, store, new(disk), TimeProvider.System).RunAsync(TimeSpan.Zero, (_, _, _) => { }, CancellationToken.None);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"pass {pass}: {found.Blobs} blobs, {found.Unreferenced} unreferenced, {found.Deleted} deleted in {store.Batches} batches, {Stopwatch.GetElapsedTime(since).TotalSeconds:F1} s, most memory {Peak()}"));
        }
    }

    private IEnumerable<Digest> Blobs()
    {
        for (var repository = 0; repository < repositories; repository++)
        {
            for (var file = 0; file < files; file++)
            {
                for (var snapshot = 0; snapshot < snapshots; snapshot++)
                {
                    if (snapshot == 0 || IsChanged(file, snapshot))
                    {
                        yield return DigestOf(repository, file, snapshot);
                    }
                }
            }
        }
    }

    private static bool IsChanged(int file, int snapshot) => file % Changed == snapshot % Changed;

    private static Digest DigestOf(int repository, int file, int snapshot)
    {
        while (snapshot > 0 && !IsChanged(file, snapshot))
        {
            snapshot--;
        }

        return new(SHA256.HashData([.. BitConverter.GetBytes(repository), .. BitConverter.GetBytes(file), .. BitConverter.GetBytes(snapshot)]));
    }

    private static string Peak() => File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM", StringComparison.Ordinal)).Split(':')[1].Trim();

    private sealed class Counted(CollectMany store, ParcelerDb db, WorkFolder work) : BlobStore(db, work)
    {
        public int Batches { get; private set; }

        public override int Connections => 1;

        public override bool IsCheapToAsk => false;

        public override async IAsyncEnumerable<StoredBlob> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
        {
            await Task.CompletedTask;
            var count = 0;
            foreach (var digest in store.Blobs())
            {
                yield return new(digest, 5000, default);
                if (++count % Garbage == 0)
                {
                    yield return new(new(SHA256.HashData(digest.AsSpan())), 5000, default);
                }
            }
        }

        public override Task<IReadOnlyCollection<Digest>> DeleteAsync(IReadOnlyCollection<Digest> digests, DateTimeOffset since, CancellationToken cancellation)
        {
            Batches++;
            return Task.FromResult(digests);
        }

        public override string? LocalPathOf(Digest digest) => null;

        public override Stream OpenRead(Digest digest) => throw new FileNotFoundException();

        public override Task<Stream> OpenReadAsync(Digest digest, CancellationToken cancellation) => throw new FileNotFoundException();

        public override bool Has(Digest digest, long size) => true;

        public override Task<HashSet<Digest>> MissingAsync(IReadOnlyCollection<(Digest Digest, long Size)> blobs, CancellationToken cancellation) => Task.FromResult(new HashSet<Digest>());

        internal override bool Reuse(Digest digest, long size) => true;

        internal override void Store(IReadOnlyList<StagedBlob> staged, Action<StagedBlob, bool> stored, CancellationToken cancellation) => throw new NotSupportedException();
    }
}
