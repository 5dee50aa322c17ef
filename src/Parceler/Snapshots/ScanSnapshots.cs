using Microsoft.Extensions.Logging;
using Parceler.Database;
using Parceler.Repositories;
using Parceler.Storage;

namespace Parceler.Snapshots;

/// <summary>
/// Compares the manifests in the storage with the database: operators delete a snapshot by removing its manifest, and
/// bring one back by restoring it. A store that is gone, and a repository whose manifests all vanish at once, are
/// accidents and no deletions.
/// </summary>
internal sealed partial class ScanSnapshots(
    ParcelerDb db,
    StoreIdentity identity,
    RepositoryCatalog repositories,
    SnapshotCatalog snapshots,
    ManifestStore manifests,
    BlobStore blobs,
    ILogger<ScanSnapshots> log
)
{
    private const int LookedAtAgain = 5; // reading all that can't be used at every scan would hold up commits
    private readonly Dictionary<string, long> _reported = []; // and in which scan it was last looked at
    private HashSet<string> _again = [];
    private long _scan;

    /// <summary>Brings the database up to the storage. What went wrong is logged when it begins, not at every scan.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        LookAgain();
        try
        {
            await identity.CheckAsync(cancellation);
            var listed = await manifests.ListSnapshotsAsync(cancellation);
            foreach (var repository in await repositories.ListAsync(cancellation))
            {
                if (await DiffersAsync(repository, listed[repository.Name.ToString()], cancellation))
                {
                    await ScanAsync(repository, cancellation);
                }
            }

            _reported.Remove("");
        }
        catch (Exception e) when (e is WrongStoreException or IOException or UnauthorizedAccessException)
        {
            Report("", () => StoreLost(log, e.Message));
        }
    }

    // Someone may have mended it: of the unusable, those that were not looked at for longest have their turn.
    private void LookAgain()
    {
        _scan++;
        _again = [.. _reported.Where(one => one.Key.Length > 0).OrderBy(one => one.Value).Take(LookedAtAgain).Select(one => one.Key)];
        foreach (var subject in _again)
        {
            _reported[subject] = _scan;
        }
    }

    // A first look without the lock, and with one request for all: nearly always nothing has changed.
    private async Task<bool> DiffersAsync(Repository repository, IEnumerable<SnapshotInstant> stored, CancellationToken cancellation)
    {
        var known = await snapshots.ListAsync(repository, cancellation);
        var missing = await snapshots.MissingAsync(repository, cancellation);
        return !stored.Where(instant => !IsUnusable(repository, instant)).ToHashSet().SetEquals(known.Select(snapshot => snapshot.Instant).Where(instant => !missing.Contains(instant)));
    }

    private async Task ScanAsync(Repository repository, CancellationToken cancellation)
    {
        using var exclusive = await blobs.LockAsync(cancellation); // a commit is between its manifest and its row
        var stored = await manifests.ListAsync(repository.Name.ToString(), cancellation);
        var known = await snapshots.ListAsync(repository, cancellation);
        var missing = await snapshots.MissingAsync(repository, cancellation);
        var expected = known.ConvertAll(s => s.Instant).FindAll(instant => !missing.Contains(instant));
        var gone = expected.FindAll(instant => stored.BinarySearch(instant) < 0);
        await (gone.Count > 0 && gone.Count == expected.Count ? KeepAsync(repository, gone, cancellation) : RemoveAsync(repository, gone, cancellation));
        if (stored.FindAll(missing.Contains) is { Count: > 0 } back)
        {
            await db.WriteAsync(session => SnapshotCatalog.MarkMissingAsync(session, repository, back, isMissing: false), cancellation);
            Back(log, repository.Name, back.Count);
        }

        foreach (var instant in stored.Except(known.Select(s => s.Instant)).Where(instant => !IsUnusable(repository, instant)))
        {
            await AdoptAsync(repository, instant, cancellation);
        }
    }

    // All at once is an accident. Remembered, since the next sync makes one that does not vanish with them.
    private async Task KeepAsync(Repository repository, List<SnapshotInstant> gone, CancellationToken cancellation)
    {
        await db.WriteAsync(session => SnapshotCatalog.MarkMissingAsync(session, repository, gone, isMissing: true), cancellation);
        AllVanished(log, repository.Name, gone.Count);
    }

    private async Task RemoveAsync(Repository repository, List<SnapshotInstant> gone, CancellationToken cancellation)
    {
        foreach (var instant in gone)
        {
            await db.WriteAsync(session => SnapshotCatalog.RemoveAsync(session, repository, instant), cancellation);
            Vanished(log, repository.Name, instant);
        }
    }

    private async Task AdoptAsync(Repository repository, SnapshotInstant instant, CancellationToken cancellation)
    {
        var problem = "";
        try
        {
            var manifest = await manifests.ReadAsync(repository.Name.ToString(), instant, cancellation);
            if (manifest is null)
            {
                return;
            }

            problem = await ProblemOfAsync(repository, manifest, cancellation);
            if (problem.Length == 0)
            {
                await db.WriteAsync(session => SnapshotCatalog.AddAsync(session, repository, SnapshotSummary.Of(manifest.Header)), cancellation);
                _reported.Remove(SubjectOf(repository, instant));
                Appeared(log, repository.Name, instant);
                return;
            }
        }
        catch (CorruptManifestException e)
        {
            problem = e.Message;
        }

        Report(SubjectOf(repository, instant), () => NotAdopted(log, repository.Name, instant, problem));
    }

    private async Task<string> ProblemOfAsync(Repository repository, Manifest manifest, CancellationToken cancellation) =>
        manifest.Header.RepositoryId != repository.Id ? "it belongs to an earlier repository of the same name"
        : (await blobs.MissingAsync([.. manifest.Files.Select(file => (file.Digest, file.Size))], cancellation)).Count > 0 ? "blobs that it names are missing"
        : "";

    private void Report(string subject, Action write)
    {
        if (!_reported.ContainsKey(subject))
        {
            write();
        }

        _reported[subject] = _scan;
    }

    private bool IsUnusable(Repository repository, SnapshotInstant instant) =>
        SubjectOf(repository, instant) is var subject && _reported.ContainsKey(subject) && !_again.Contains(subject);

    private static string SubjectOf(Repository repository, SnapshotInstant instant) => $"{repository.Id}/{instant}";

    [LoggerMessage(Level = LogLevel.Critical, Message = "The storage can't be trusted, the last known snapshots stay served: {Reason}")]
    private static partial void StoreLost(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Critical, Message = "All {Count} manifests of {Repository} vanished at once: taken for an accident, the last state stays served. To delete them for good: parceler snapshot delete")]
    private static partial void AllVanished(ILogger log, RepositoryName repository, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} manifests of {Repository} that had vanished are back")]
    private static partial void Back(ILogger log, RepositoryName repository, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Snapshot {Snapshot} of {Repository} was deleted through the storage")]
    private static partial void Vanished(ILogger log, RepositoryName repository, SnapshotInstant snapshot);

    [LoggerMessage(Level = LogLevel.Information, Message = "Snapshot {Snapshot} of {Repository} was found in the storage and taken over")]
    private static partial void Appeared(ILogger log, RepositoryName repository, SnapshotInstant snapshot);

    [LoggerMessage(Level = LogLevel.Error, Message = "Snapshot {Snapshot} of {Repository} stands in the storage but can't be used: {Problem}")]
    private static partial void NotAdopted(ILogger log, RepositoryName repository, SnapshotInstant snapshot, string problem);
}
