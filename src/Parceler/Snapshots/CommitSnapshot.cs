using System.Collections.Concurrent;
using Parceler.Database;
using Parceler.Repositories;
using Parceler.Storage;

namespace Parceler.Snapshots;

/// <summary>What a commit is told of a new snapshot. <see cref="InTransaction"/> runs with the insert: all or nothing.</summary>
internal sealed record NewSnapshot(
    Repository Repository,
    IReadOnlyList<SnapshotFile> Files,
    long NewBytes,
    string MadeBy,
    bool Pinned = false,
    Func<DbSession, SnapshotInstant, Task>? InTransaction = null
)
{
    public IReadOnlyList<SnapshotFeed> Feeds { get; init; } = [];

    public IReadOnlyList<string> LetThrough { get; init; } = [];

    /// <summary>Digest of the tree, where it is known already.</summary>
    public Digest? Tree { get; init; }

    /// <summary>Of a snapshot that another program made; null for one that is made now.</summary>
    public SnapshotInstant? Instant { get; init; }
}

/// <summary>
/// Makes a snapshot of files whose blobs are in the store: proves each blob present, writes the manifest, then the
/// row. The collector waits meanwhile. A crash leaves no snapshot, or a whole one that the next scan finds.
/// </summary>
internal sealed class CommitSnapshot(ParcelerDb db, BlobStore blobs, ManifestStore manifests, TimeProvider clock)
{
    private static readonly TimeSpan MostAhead = TimeSpan.FromHours(24);

    /// <returns>The snapshot, or the files whose blobs are missing from the store: then nothing was made.</returns>
    /// <exception cref="RefusedException">The clock is wrong, or the repository was deleted meanwhile.</exception>
    public async Task<(SnapshotSummary? Snapshot, List<SnapshotFile> Missing)> RunAsync(NewSnapshot made, CancellationToken cancellation)
    {
        using var exclusive = await blobs.LockAsync(cancellation);
        var missing = await MissingAsync(made.Files, cancellation);
        if (missing.Count > 0)
        {
            return (null, missing);
        }

        var manifest = await ManifestOfAsync(made, cancellation);
        var summary = SnapshotSummary.Of(manifest.Header);
        await exclusive.EnsureHeldAsync(cancellation); // or the collector may be at the blobs that were just proven
        await manifests.CommitAsync(manifest, cancellation);
        try
        {
            await IndexAsync(made, summary, cancellation);
        }
        catch (RefusedException)
        {
            await manifests.DeleteAsync(manifest.Header.Repository, summary.Instant, CancellationToken.None);
            throw;
        }

        return (summary, missing);
    }

    private async Task<List<SnapshotFile>> MissingAsync(IReadOnlyList<SnapshotFile> files, CancellationToken cancellation)
    {
        var missing = await blobs.MissingAsync([.. files.Select(file => (file.Digest, file.Size))], cancellation);
        return missing.Count == 0 ? [] : [.. files.Where(file => missing.Contains(file.Digest))];
    }

    private async Task<Manifest> ManifestOfAsync(NewSnapshot made, CancellationToken cancellation)
    {
        var name = made.Repository.Name.ToString();
        var stored = await manifests.ListAsync(name, cancellation); // the truth, should the database have lost one
        await using var session = await db.OpenAsync(cancellation);
        var taken = await TakenAsync(session, made.Repository, cancellation);
        var known = await SnapshotCatalog.ListAsync(session, made.Repository);
        var instant = made.Instant is { } given ? Given(made.Repository, given, [.. known.Select(s => s.Instant), .. taken]) : Next(made.Repository, stored, taken);
        var previous = known.FindLast(s => !s.Pinned && s.Instant < instant)?.Instant;
        return new(
            new(
                name,
                made.Repository.Id,
                instant,
                made.Files.Count,
                made.Files.Sum(f => f.Size),
                made.NewBytes,
                made.Tree ?? Manifest.TreeDigest(made.Files),
                previous,
                made.Pinned,
                made.MadeBy
            )
            {
                Feeds = made.Feeds,
                LetThrough = made.LetThrough,
            },
            made.Files
        );
    }

    // A deleted snapshot leaves its name to no other one: web servers know what was ever served by it, and some of it may have grace.
    private async Task<HashSet<SnapshotInstant>> TakenAsync(DbSession session, Repository repository, CancellationToken cancellation)
    {
        var served = await session.QueryAsync("select distinct instant from servings where repository_id = @id", row => new SnapshotInstant(row.GetInt64(0)), ("@id", repository.Id));
        return [.. served, .. await manifests.ListWithdrawnAsync(repository.Name.ToString(), cancellation)];
    }

    // A manifest without a row was left by a crash: it is written again.
    private static SnapshotInstant Given(Repository repository, SnapshotInstant instant, List<SnapshotInstant> taken) =>
        !taken.Contains(instant) ? instant
            : throw new RefusedException($"'{repository.Name}' has or had a snapshot {instant}: no other one gets its name");

    private SnapshotInstant Next(Repository repository, List<SnapshotInstant> stored, HashSet<SnapshotInstant> taken)
    {
        var instant = NextInstant(repository, stored.Count == 0 ? null : stored[^1]);
        while (taken.Contains(instant))
        {
            instant = new(instant.UnixSeconds + 1);
        }

        return instant;
    }

    // A clock that steps back must not make old content the newest.
    private SnapshotInstant NextInstant(Repository repository, SnapshotInstant? newest)
    {
        var now = clock.GetUtcNow();
        if (newest is { } ahead && ahead.Time > now + MostAhead)
        {
            throw new RefusedException(
                $"The newest snapshot of '{repository.Name}', {ahead}, is more than a day ahead of this machine's clock ({SnapshotInstant.Of(now)}): set the clock, or delete that snapshot"
            );
        }

        var instant = SnapshotInstant.Of(now);
        return newest is { } known && known >= instant ? new(known.UnixSeconds + 1) : instant;
    }

    private Task IndexAsync(NewSnapshot made, SnapshotSummary summary, CancellationToken cancellation) =>
        db.WriteAsync(
            async session =>
            {
                var now = await RepositoryCatalog.FindAsync(session, made.Repository.Name);
                if (now?.Id != made.Repository.Id)
                {
                    throw new RefusedException($"The repository '{made.Repository.Name}' was deleted while it was synced: nothing was kept");
                }

                await SnapshotCatalog.AddAsync(session, now, summary);
                if (made.InTransaction is { } also)
                {
                    await also(session, summary.Instant);
                }
            },
            cancellation
        );
}
