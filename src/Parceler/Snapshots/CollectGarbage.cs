using Parceler.Database;
using Parceler.Repositories;
using Parceler.Storage;

namespace Parceler.Snapshots;

/// <summary>What one pass of the collector found and did.</summary>
internal sealed record Collection(long Blobs, long Unreferenced, long Deleted, long BytesFreed);

/// <summary>
/// Deletes blobs that no manifest names. A blob goes only when two passes, a grace period apart, both found it
/// unreferenced and nobody has put it again since; a commit and a deletion never overlap. Manifests that vanished by
/// accident are no deletion: while they are gone, nothing is deleted.
/// </summary>
internal sealed class CollectGarbage(ParcelerDb db, StoreIdentity identity, WorkFolder work, BlobStore blobs, ManifestStore manifests, TimeProvider clock)
{
    private const int DeleteAtOnce = 1_000; // what a bucket deletes with one request
    private const int ReportEvery = 10_000;
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromDays(2);

    /// <exception cref="CorruptManifestException">Then nothing is deleted: what that snapshot needs is not known.</exception>
    /// <exception cref="RefusedException">All manifests of a repository are gone: nothing is deleted.</exception>
    /// <exception cref="WrongStoreException">The storage is another one: nothing is deleted.</exception>
    public async Task<Collection> RunAsync(TimeSpan grace, Progress progress, CancellationToken cancellation)
    {
        var references = new BlobReferences(manifests);
        await references.ReadNewAsync(progress, cancellation);
        await RefuseAccidentAsync(references, cancellation);
        var pass = new Pass(clock.GetUtcNow(), grace, await SeenAsync(cancellation));
        await foreach (var blob in blobs.ListAsync(cancellation))
        {
            if (pass.Look(blob, references) % ReportEvery == 1)
            {
                progress("looking for unreferenced blobs", blob.Digest.AsSpan()[0], 256);
            }
        }

        await RememberAsync(pass, cancellation);
        long freed = 0;
        long deleted = 0;
        foreach (var chunk in pass.Due.Chunk(DeleteAtOnce))
        {
            using var exclusive = await blobs.LockAsync(cancellation);
            await references.ReadNewAsync(progress, cancellation); // snapshots made since the pass began
            await exclusive.EnsureHeldAsync(cancellation); // or a commit may be reusing what is deleted
            var sizes = chunk.Where(due => !references.Contains(due.Digest)).ToDictionary(due => due.Digest, due => due.Size);
            foreach (var gone in await blobs.DeleteAsync(sizes.Keys, pass.Now, cancellation))
            {
                (deleted, freed) = (deleted + 1, freed + sizes[gone]);
            }
        }

        DropAbandonedStaging();
        return new(pass.Blobs, pass.Count, deleted, freed);
    }

    private async Task RefuseAccidentAsync(BlobReferences references, CancellationToken cancellation)
    {
        await identity.CheckAsync(cancellation);
        await using var session = await db.OpenAsync(cancellation);
        var known = await session.QueryAsync(
            "select r.name, max(s.missing) from repositories r join snapshots s on s.repository_id = r.id group by r.name",
            row => (Name: row.GetString(0), IsMissing: row.GetInt64(1) != 0)
        );
        if (known.Find(repository => repository.IsMissing || !references.HasManifestOf(repository.Name)).Name is { } vanished)
        {
            throw new RefusedException(
                $"Manifests of '{vanished}' are gone from the storage, all at once, which is taken for an accident. Restore {StorageKeys.SnapshotsOf(vanished)}, or delete the snapshots for good: parceler snapshot delete"
            );
        }
    }

    private async Task<Dictionary<Digest, Found>> SeenAsync(CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        var seen = new Dictionary<Digest, Found>();
        await session.QueryAsync("select digest, seen_at from unreferenced_blobs", row => seen.TryAdd(Digest.Parse(row.GetString(0)), new(row.Time(1).UtcTicks, Size: -1)));
        return seen;
    }

    private Task RememberAsync(Pass pass, CancellationToken cancellation) =>
        db.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("delete from unreferenced_blobs");
                foreach (var (digest, since) in pass.Unreferenced)
                {
                    await session.ExecuteAsync("insert into unreferenced_blobs (digest, seen_at) values (@digest, @at)", ("@digest", digest.ToString()), ("@at", since.ToDb()));
                }
            },
            cancellation
        );

    // What a crash left in the making. A running intake writes to its folder and so keeps it young.
    private void DropAbandonedStaging()
    {
        var old = clock.GetUtcNow() - AbandonedAfter;
        foreach (var entry in new DirectoryInfo(work.Staging).EnumerateFileSystemInfos().Where(e => e.LastWriteTimeUtc < old))
        {
            if (entry is DirectoryInfo folder)
            {
                folder.Delete(recursive: true);
            }
            else
            {
                entry.Delete();
            }
        }
    }

    /// <param name="Since">Ticks of the pass that found it unreferenced first.</param>
    /// <param name="Size">Less than 0 for what this pass has not met.</param>
    private readonly record struct Found(long Since, long Size);

    // There may be a million of them: one table for what was and what is unreferenced.
    private sealed class Pass(DateTimeOffset now, TimeSpan grace, Dictionary<Digest, Found> found)
    {
        public DateTimeOffset Now => now;

        public long Blobs { get; private set; }

        public long Count { get; private set; }

        /// <summary>Unreferenced now, with the pass that found it so first.</summary>
        public IEnumerable<(Digest Digest, DateTimeOffset Since)> Unreferenced => Met.Select(blob => (blob.Key, new DateTimeOffset(blob.Value.Since, TimeSpan.Zero)));

        public IEnumerable<(Digest Digest, long Size)> Due =>
            Met.Where(blob => blob.Value.Since < now.UtcTicks && now.UtcTicks - blob.Value.Since >= grace.Ticks).Select(blob => (blob.Key, blob.Value.Size));

        private IEnumerable<KeyValuePair<Digest, Found>> Met => found.Where(blob => blob.Value.Size >= 0);

        /// <returns>How many it has looked at.</returns>
        public long Look(StoredBlob blob, BlobReferences references)
        {
            if (!references.Contains(blob.Digest))
            {
                var since = found.TryGetValue(blob.Digest, out var before) ? before.Since : now.UtcTicks;
                found[blob.Digest] = new(blob.WrittenAt.UtcTicks > since ? now.UtcTicks : since, blob.Size); // put again meanwhile: a running sync may need it
                Count++;
            }

            return ++Blobs;
        }
    }
}
