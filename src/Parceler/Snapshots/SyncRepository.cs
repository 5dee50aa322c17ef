using Parceler.Database;
using Parceler.Feeds;
using Parceler.Repositories;
using Parceler.Storage;
using Parceler.Upstreams;
using Parceler.Upstreams.Mirrors;

namespace Parceler.Snapshots;

/// <summary>A sync made no snapshot; the message says what an operator can do. The served snapshot stays.</summary>
/// <param name="isFinal">To try again at once would fail the same way.</param>
internal sealed class SyncFailedException(string message, Exception? cause = null, bool isFinal = false) : Exception(message, cause)
{
    public bool IsFinal => isFinal;
}

/// <summary>Where a sync tells what it does: lines of the command, and how far it is.</summary>
internal sealed record SyncReport(Action<string> Line, Progress Progress);

/// <summary>What goes with the commit of a sync.</summary>
/// <param name="Before">Is told the repository's id before the commit; what it returns ends after it.</param>
/// <param name="InTransaction">Runs in the transaction that makes the snapshot.</param>
internal sealed record SyncCommit(Func<string, CancellationToken, Task<IAsyncDisposable>> Before, Func<DbSession, SnapshotInstant, Task> InTransaction);

/// <summary>Brings an upstream's state in: runs the command and takes its tree in, or mirrors; commits a snapshot.</summary>
internal sealed class SyncRepository(
    ParcelerDb db,
    RepositoryCatalog repositories,
    CommandUpstream upstream,
    MirrorUpstream mirrors,
    StorageDisk disk,
    WorkFolder work,
    BlobStore blobs,
    IntegrityGate gate,
    GatePatience patience,
    CommitSnapshot commit,
    TimeProvider clock
)
{
    private const int MostPackages = 1_000_000; // of the feeds that are kept until the sync is over
    private const int MaxTries = 3; // a blob that vanished from the store is read again

    /// <exception cref="SyncFailedException"/>
    public async Task<SnapshotSummary> RunAsync(
        RepositoryName name,
        string madeBy,
        SyncCommit with,
        SyncReport report,
        CancellationToken cancellation
    )
    {
        var repository = await repositories.FindAsync(name, cancellation) ?? throw new SyncFailedException($"The repository '{name}' was deleted");
        using var mine = await db.LockAsync($"sync-{repository.Id}", cancellation); // a worker taken for dead may still be at it
        try
        {
            for (var tries = 1; ; tries++)
            {
                var feeds = new FeedCache(FeedReader.Default, MostPackages);
                using var source = await OpenAsync(repository, feeds, report, cancellation);
                if (await TakeInAsync(repository, source, feeds, madeBy, with, report, mine, mayWait: tries < patience.Tries, cancellation) is { } snapshot)
                {
                    return snapshot;
                }

                report.Line($"upstream may still be writing: tried again in {patience.Wait.TotalSeconds:0} s, try {tries + 1} of {patience.Tries}");
                report.Progress("waiting for upstream", 0, 0);
                await Task.Delay(patience.Wait, clock, cancellation);
            }
        }
        catch (Exception e) when (e is SourceTreeException or MirrorException or RefusedException or IOException or UnauthorizedAccessException)
        {
            throw new SyncFailedException($"The sync of '{name}' made no snapshot: {e.Message}", e, isFinal: e is UnsettledException);
        }
    }

    private async Task<SnapshotSource> OpenAsync(Repository repository, FeedCache feeds, SyncReport report, CancellationToken cancellation)
    {
        if (repository.Mirror is { } mirror)
        {
            report.Line($"mirroring {mirror}");
            var memory = Path.Combine(work.Jobs, $"{repository.Id}.mirror");
            var request = new MirrorRequest(mirror, repository.Trust, repository.Gate, memory, feeds, report.Line, report.Progress.Invoke);
            return new MirrorSource(mirrors.Open(request), repository.TimeLimit, clock);
        }

        await RunCommandAsync(repository, report, cancellation);
        if (repository.SourceOnDisk && !disk.IsWorkFolder)
        {
            var prefix = $"{StorageKeys.Source(repository.Name.ToString())}/{repository.SourceFolder}".TrimEnd('/') + "/";
            return new ObjectIntake(disk, blobs, prefix, Path.Combine(work.Jobs, $"{repository.Id}.objects"), report.Progress);
        }

        var tree = new SourceTree(work.SourceOf(repository.Name.ToString()), repository.SourceFolder);
        return new FolderSource(new(blobs, tree, Path.Combine(work.Jobs, $"{repository.Id}.index"), report.Progress));
    }

    private async Task RunCommandAsync(Repository repository, SyncReport report, CancellationToken cancellation)
    {
        var source = work.SourceOf(repository.Name.ToString());
        var folder = Path.Combine(work.Jobs, repository.Id);
        Directory.CreateDirectory(source);
        Directory.CreateDirectory(folder);
        report.Line($"$ {repository.Command}");
        report.Progress("running the command", 0, 0);
        var outcome = await upstream.RunAsync(new(repository.Name, repository.Command, source, folder, repository.TimeLimit), report.Line, cancellation);
        if (outcome is not CommandOutcome.Completed)
        {
            throw new SyncFailedException($"The sync of '{repository.Name}' made no snapshot: {outcome.Describe(repository.Command)}");
        }
    }

    // Null when the tree may be whole in a while.
    private async Task<SnapshotSummary?> TakeInAsync(
        Repository repository,
        SnapshotSource source,
        FeedCache feeds,
        string madeBy,
        SyncCommit with,
        SyncReport report,
        DatabaseLock mine,
        bool mayWait,
        CancellationToken cancellation
    )
    {
        for (var tries = 1; tries <= MaxTries; tries++)
        {
            if (await TakeAsync(source, report, mayWait, cancellation) is not { } files)
            {
                return null;
            }

            RefuseEmpty(repository, files);
            report.Progress("checking the packages", 0, 0);
            if (await JudgeAsync(repository, files, feeds, report, mayWait, cancellation) is not { } judgement)
            {
                return null;
            }

            await mine.EnsureHeldAsync(cancellation); // or another node has taken this job over
            report.Progress("committing", 0, 0);
            await using var announced = await with.Before(repository.Id, cancellation);
            var (snapshot, missing) = await commit.RunAsync(
                new(repository, files, source.NewBytes, madeBy, InTransaction: with.InTransaction) { Feeds = judgement.Feeds, LetThrough = judgement.LetThrough, Tree = judgement.Tree },
                cancellation
            );
            if (snapshot is not null)
            {
                report.Line($"snapshot {snapshot.Instant}: {snapshot.Files} files, {snapshot.Bytes} bytes, {source.NewBlobs} new blobs of {source.NewBytes} bytes");
                return snapshot;
            }

            report.Line($"{missing.Count} blobs are missing or damaged in the store: their files are read again");
            source.Reread(missing.Select(file => file.Path));
        }

        throw new SyncFailedException($"The sync of '{repository.Name}' made no snapshot: blobs vanish from the store as soon as they are written. Check the disk with: parceler verify");
    }

    private static async Task<List<SnapshotFile>?> TakeAsync(SnapshotSource source, SyncReport report, bool mayWait, CancellationToken cancellation)
    {
        try
        {
            return await source.TakeAsync(cancellation);
        }
        catch (UnsettledException e) when (mayWait)
        {
            report.Line(e.Message);
            return null;
        }
    }

    private async Task<GateJudgement?> JudgeAsync(Repository repository, List<SnapshotFile> files, FeedCache feeds, SyncReport report, bool mayWait, CancellationToken cancellation)
    {
        var judgement = await Task.Run(() => gate.JudgeAsync(repository, files, feeds, instant: null, cancellation), cancellation);
        foreach (var line in judgement.Lines)
        {
            report.Line(line);
        }

        return judgement.Report.Passes ? judgement
            : mayWait && judgement.Report.MayWait ? null
            : throw new SyncFailedException(judgement.Refusal(repository.Name), isFinal: true);
    }

    private static void RefuseEmpty(Repository repository, List<SnapshotFile> files)
    {
        if (files.Count == 0 && !repository.AllowEmpty)
        {
            throw new SyncFailedException(
                $"The sync of '{repository.Name}' made no snapshot: the tree holds no file. If upstream is really empty: parceler repository edit {repository.Name} --allow-empty"
            );
        }
    }
}
