using System.Collections.Frozen;
using Parceler.Database;
using Parceler.Feeds;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.Imports;

/// <summary>
/// Takes the folders of one repository in, oldest first, each under the instant that its name says. Every file is hashed, and stored unless
/// its bytes are here; the gate holds each snapshot against the one before it.
/// </summary>
internal sealed class ImportSnapshots(SnapshotCatalog snapshots, ManifestStore manifests, BlobStore blobs, WorkFolder work, IntegrityGate gate, CommitSnapshot commit, TimeProvider clock)
{
    private const string MadeBy = "import";
    private const int NoSpace = 28; // ENOSPC
    private const int MostPackages = 1_000_000; // of the feeds that are kept until all is in
    private const int MaxTries = 3; // a blob that vanished from the store is read again
    private const double FewFiles = 0.9; // of those before: it may be half a copy
    private static readonly TimeSpan s_mostAhead = TimeSpan.FromHours(24);

    public async Task<List<ImportedSnapshot>> RunAsync(
        Repository repository, List<string> folders, LaravelStorage storage, bool includeDamaged, DatabaseLock mine, Progress progress, CancellationToken cancellation
    )
    {
        var feeds = new FeedCache(FeedReader.Default, MostPackages);
        var sorted = await SortAsync(repository, folders, cancellation);
        var results = sorted.Where(found => found.Result is not null).Select(found => found.Result!).ToList();
        IReadOnlyDictionary<string, SnapshotFile> before = FrozenDictionary<string, SnapshotFile>.Empty;
        foreach (var (folder, instant, _) in sorted.Where(found => found.Result is null))
        {
            before = before.Count == 0 ? await BeforeAsync(repository, instant, cancellation) : before;
            await mine.EnsureHeldAsync(cancellation);
            using var source = OpenSource(repository, LaravelStorage.PathOf(repository.Name.ToString(), folder), storage, before, progress);
            var one = new Folder(repository, folder, instant, source, feeds, before.Count, includeDamaged);
            var (result, files) = await TakeAsync(one, progress, cancellation);
            results.Add(result);
            before = files.Count == 0 ? before : files.ToDictionary(file => file.Path, StringComparer.Ordinal);
        }

        Forget(repository);
        return [.. results.OrderBy(result => result.Instant?.UnixSeconds ?? 0).ThenBy(result => result.Folder, StringComparer.Ordinal)];
    }

    /// <summary>What a run would do, without reading a file.</summary>
    public async Task<List<ImportedSnapshot>> PreviewAsync(Repository? repository, string name, List<string> folders, LaravelStorage storage, CancellationToken cancellation)
    {
        var results = new List<ImportedSnapshot>();
        foreach (var (folder, instant, result) in await SortAsync(repository, folders, cancellation))
        {
            results.Add(result ?? await PreviewAsync(folder, instant, LaravelStorage.PathOf(name, folder), storage, cancellation));
        }

        return results;
    }

    /// <summary>Takes a folder without an instant in, for a freeze at it. Done already, it changes nothing.</summary>
    public async Task<ImportedSnapshot> PinAsync(Repository repository, string path, string folder, SnapshotInstant instant, LaravelStorage storage, Progress progress, CancellationToken cancellation)
    {
        if ((await snapshots.ListAsync(repository, cancellation)).Find(snapshot => snapshot.Instant == instant) is { } there)
        {
            return new(folder, instant, ImportState.There, there.Files, there.Bytes, 0, null);
        }

        using var source = OpenSource(repository, path, storage, FrozenDictionary<string, SnapshotFile>.Empty, progress);
        var one = new Folder(repository, folder, instant, source, new(FeedReader.Default, MostPackages), 0, IncludeDamaged: true) { Pinned = true };
        var (result, _) = await TakeAsync(one, progress, cancellation);
        Forget(repository);
        return result;
    }

    // What an earlier run took in last.
    private async Task<IReadOnlyDictionary<string, SnapshotFile>> BeforeAsync(Repository repository, SnapshotInstant instant, CancellationToken cancellation)
    {
        var last = (await snapshots.ListAsync(repository, cancellation)).FindLast(snapshot => !snapshot.Pinned && snapshot.Instant < instant);
        var manifest = last is null ? null : await manifests.ReadAsync(repository.Name.ToString(), last.Instant, cancellation);
        return manifest?.Files.ToDictionary(file => file.Path, StringComparer.Ordinal) ?? [];
    }

    // Oldest first; of those that are not to be read, what becomes of them.
    private async Task<List<(string Folder, SnapshotInstant Instant, ImportedSnapshot? Result)>> SortAsync(Repository? repository, List<string> folders, CancellationToken cancellation)
    {
        var known = repository is null ? [] : (await snapshots.ListAsync(repository, cancellation)).ToDictionary(snapshot => snapshot.Instant);
        var seen = new HashSet<SnapshotInstant>();
        var sorted = new List<(string, SnapshotInstant, ImportedSnapshot?)>();
        foreach (var (folder, instant) in folders.Select(folder => (folder, SnapshotInstant.TryParse(folder, null, out var parsed) ? parsed : (SnapshotInstant?)null)).OrderBy(found => found.Item2?.UnixSeconds ?? 0))
        {
            ImportedSnapshot? result =
                instant is not { } at ? ImportedSnapshot.Not(folder, null, ImportState.PassedOver, "its name is no instant such as 2026-11-23T00:00:10+00:00")
                : !seen.Add(at) ? ImportedSnapshot.Not(folder, at, ImportState.LeftOut, "another folder names the same instant")
                : known.TryGetValue(at, out var there) ? new(folder, at, ImportState.There, there.Files, there.Bytes, 0, null)
                : at.Time > clock.GetUtcNow() + s_mostAhead ? ImportedSnapshot.Not(folder, at, ImportState.LeftOut, "its instant is more than a day ahead of this machine's clock")
                : null;
            sorted.Add((folder, instant ?? default, result));
        }

        return sorted;
    }

    private static async Task<ImportedSnapshot> PreviewAsync(string folder, SnapshotInstant instant, string path, LaravelStorage storage, CancellationToken cancellation)
    {
        try
        {
            return await storage.MeasureAsync(path, cancellation) is { Files: > 0 } size
                ? new(folder, instant, ImportState.Would, size.Files, size.Bytes, 0, null)
                : Empty(folder, instant);
        }
        catch (SourceTreeException e)
        {
            return ImportedSnapshot.Not(folder, instant, ImportState.LeftOut, e.Message);
        }
    }

    private static ImportedSnapshot Empty(string folder, SnapshotInstant instant) => ImportedSnapshot.Not(folder, instant, ImportState.PassedOver, "it holds no file");

    // One folder that can't be taken in is no reason to leave the others out.
    private async Task<(ImportedSnapshot Result, List<SnapshotFile> Files)> TakeAsync(Folder one, Progress progress, CancellationToken cancellation)
    {
        try
        {
            for (var tries = 1; tries <= MaxTries; tries++)
            {
                var files = await one.Source.TakeAsync(cancellation);
                if (files.Count == 0)
                {
                    return (Empty(one.Name, one.Instant), []);
                }

                progress($"checking {one.Repository.Name} {one.Name}", 0, 0);
                if (await CommitAsync(one, files, cancellation) is { } result)
                {
                    return (result, files);
                }
            }

            return (one.LeftOut("blobs vanish from the store as soon as they are written: parceler verify"), []);
        }
        catch (Exception e) when (e is SourceTreeException or RefusedException or UnauthorizedAccessException || (e is IOException and not LockLostException && (e.HResult & 0xffff) != NoSpace))
        {
            return (one.LeftOut(e.Message), []);
        }
    }

    // Null when blobs went missing: the files are read again.
    private async Task<ImportedSnapshot?> CommitAsync(Folder one, List<SnapshotFile> files, CancellationToken cancellation)
    {
        var judged = one.Repository with { AcceptsRollback = true, Gate = one.IncludeDamaged ? GateMode.Warn : GateMode.Strict }; // what was served in this order was
        var judgement = await gate.JudgeAsync(judged, files, one.Feeds, one.Instant, cancellation);
        var size = new FolderSize(files.Count, files.Sum(file => file.Size));
        if (!judgement.Report.Passes)
        {
            return one.LeftOut($"the gate finds it not whole: {Shown(judgement.Report.Faults)}", size);
        }

        var (snapshot, missing) = await commit.RunAsync(
            new(one.Repository, files, one.Source.NewBytes, MadeBy, one.Pinned) { Feeds = judgement.Feeds, LetThrough = judgement.LetThrough, Tree = judgement.Tree, Instant = one.Instant },
            cancellation
        );
        one.Source.Reread(missing.Select(file => file.Path));
        return snapshot is null ? null
            : new(one.Name, one.Instant, ImportState.Taken, size.Files, size.Bytes, one.Source.NewBytes, null) { Remarks = [.. RemarksOf(one, judgement, files.Count)] };
    }

    private static IEnumerable<string> RemarksOf(Folder one, GateJudgement judgement, int files)
    {
        if (judgement.LetThrough.Count > 0)
        {
            yield return $"not whole, and taken over all the same: {Shown(judgement.Report.Faults)}";
        }

        if (files < FewFiles * one.FilesBefore)
        {
            yield return $"{files} files, and {one.FilesBefore} in the snapshot before: it may be half a copy";
        }
    }

    private static string Shown(IReadOnlyList<FeedFault> faults) => string.Join("; ", faults.Take(3)) + (faults.Count > 3 ? $"; and {faults.Count - 3} more" : "");

    private SnapshotSource OpenSource(Repository repository, string path, LaravelStorage storage, IReadOnlyDictionary<string, SnapshotFile> before, Progress progress) =>
        storage.Open(path, blobs, MemoryOf(repository), before, (_, done, total) => progress($"reading {path}", done, total));

    private void Forget(Repository repository)
    {
        if (File.Exists(MemoryOf(repository)))
        {
            File.Delete(MemoryOf(repository));
        }
    }

    private string MemoryOf(Repository repository) => Path.Combine(work.Jobs, $"{repository.Id}.import");

    private sealed record Folder(Repository Repository, string Name, SnapshotInstant Instant, SnapshotSource Source, FeedCache Feeds, int FilesBefore, bool IncludeDamaged)
    {
        public bool Pinned { get; init; }

        public ImportedSnapshot LeftOut(string reason, FolderSize size = default) => ImportedSnapshot.Not(Name, Instant, ImportState.LeftOut, reason, size);
    }
}
