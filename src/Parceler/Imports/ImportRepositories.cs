using Parceler.Database;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.Imports;

/// <summary>What an operator says of an import.</summary>
/// <param name="DryRun">Only looks, and changes nothing.</param>
/// <param name="IncludeDamaged">Takes over snapshots, too, that the gate finds not whole.</param>
internal sealed record ImportChoice(bool DryRun, bool IncludeDamaged);

/// <summary>
/// Takes over the repositories of the program that Parceler replaces, each with its snapshots and its freeze. Run again, it goes on
/// where it was ended; what is here already is left as it is.
/// </summary>
internal sealed class ImportRepositories(
    ParcelerDb db,
    RepositoryCatalog repositories,
    CreateRepository create,
    SnapshotCatalog snapshots,
    StorageDisk disk,
    ImportSnapshots import,
    SwitchRepository change,
    TimeProvider clock
)
{
    public async Task<ImportReport> RunAsync(IReadOnlyList<LaravelRepository> rows, LaravelStorage storage, ImportChoice choice, Progress progress, CancellationToken cancellation)
    {
        var imported = new List<ImportedRepository>();
        foreach (var row in rows)
        {
            imported.Add(await RunAsync(row, storage, choice, progress, cancellation));
        }

        var strangers = (await storage.RepositoriesAsync(cancellation)).Except(rows.Select(row => row.Name), StringComparer.Ordinal);
        return new(imported, [.. strangers.Select(name => $"snapshots/{name} belongs to no repository of the database: passed over")]);
    }

    private async Task<ImportedRepository> RunAsync(LaravelRepository row, LaravelStorage storage, ImportChoice choice, Progress progress, CancellationToken cancellation)
    {
        if (!RepositoryName.TryParse(row.Name, null, out var name))
        {
            return ImportedRepository.Refused(row.Name, "its name is not 1 to 64 letters, digits, '_' and '-'");
        }

        try
        {
            var settings = row.Settings(sourceOnDisk: storage.IsBucket && !disk.IsWorkFolder);
            var known = await repositories.FindAsync(name, cancellation);
            if (known is not null && DifferenceOf(known.Settings, settings) is { } difference)
            {
                return ImportedRepository.Refused(row.Name, $"there is a repository '{name}' already, with {difference}: nothing of this one was taken over");
            }

            var folders = await storage.FoldersAsync(row.Name, cancellation);
            return choice.DryRun
                ? await PreviewAsync(row, name, settings, known, folders, storage, cancellation)
                : await TakeAsync(row, name, settings, known, folders, storage, choice, progress, cancellation);
        }
        catch (Exception e) when (e is RefusedException or SourceTreeException or UnauthorizedAccessException) // no reason to leave the others out
        {
            return ImportedRepository.Refused(row.Name, e.Message);
        }
    }

    // Others would not know which of the two is meant. Where all of it is equal, it is one: an earlier run, or the same made by hand.
    private static string? DifferenceOf(RepositorySettings here, RepositorySettings there) =>
        here.Mirror is not null ? "an upstream that is mirrored"
        : here.Command != there.Command ? $"the command '{here.Command}'"
        : here.SourceFolder != there.SourceFolder ? $"the source folder '{here.SourceFolder}'"
        : here.DelayDays != there.DelayDays ? $"a delay of {here.DelayDays} days"
        : null;

    private async Task<ImportedRepository> TakeAsync(
        LaravelRepository row, RepositoryName name, RepositorySettings settings, Repository? known, List<string> folders, LaravelStorage storage, ImportChoice choice, Progress progress, CancellationToken cancellation
    )
    {
        var wanted = await WantedFreezeAsync(row, folders, storage, cancellation);
        var repository = known ?? await CreateAsync(name, settings, wanted?.Instant, cancellation);
        using var mine = await db.LockAsync($"sync-{repository.Id}", cancellation); // no sync comes in between
        var taken = await import.RunAsync(repository, folders, storage, choice.IncludeDamaged, mine, progress, cancellation);
        if (wanted?.Folder is { } folder && repository.Freeze is { } pin)
        {
            taken.RemoveAll(snapshot => snapshot.Folder == row.FrozenFolder); // its name is no instant
            taken.Add(await import.PinAsync(repository, folder, row.FrozenFolder!, new(pin), storage, progress, cancellation));
        }

        var (served, remarks) = await SettleAsync(row, repository, hasTaken: taken.Exists(snapshot => snapshot.State == ImportState.Taken), cancellation);
        if (known is { Freeze: null } && row.FrozenFolder is { } there)
        {
            remarks.Add($"it is frozen there at '{there}', and not here: parceler repository freeze {name} ...");
        }

        var servedThere = row.Served([.. folders, .. wanted?.Folder is null ? Array.Empty<string>() : [row.FrozenFolder!]], clock.GetUtcNow());
        return new(row.Name, known is null ? ImportState.Taken : ImportState.There, null, taken, servedThere, served.Snapshot, served.Text) { Remarks = [.. RemarksOf(row, settings, storage), .. remarks] };
    }

    // With its freeze from the start: nothing that comes later has to tell whether an operator has lifted it since.
    private async Task<Repository> CreateAsync(RepositoryName name, RepositorySettings settings, SnapshotInstant? freeze, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        await create.RunAsync(
            name,
            settings,
            trust: [],
            (session, repository) => freeze is { } instant ? RepositoryCatalog.UpdateAsync(session, repository.Frozen(instant.UnixSeconds, now)) : Task.CompletedTask,
            cancellation
        );
        return await repositories.GetAsync(name, cancellation);
    }

    // Which snapshot the freeze means. A folder without an instant becomes a pinned snapshot of this moment.
    private async Task<(SnapshotInstant Instant, string? Folder)?> WantedFreezeAsync(LaravelRepository row, List<string> folders, LaravelStorage storage, CancellationToken cancellation)
    {
        if (row.FrozenFolder is not { } frozen)
        {
            return null;
        }

        if (SnapshotInstant.TryParse(frozen, null, out var instant))
        {
            return (instant, null);
        }

        foreach (var path in new[] { LaravelStorage.PathOf(row.Name, frozen), frozen }.Where(path => PackagePath.TryParse(path, null, out _)))
        {
            if (await storage.MeasureAsync(path, cancellation) is { Files: > 0 })
            {
                return (SnapshotInstant.Of(clock.GetUtcNow()), path);
            }
        }

        return (SnapshotInstant.Of(clock.GetUtcNow()), null);
    }

    /// <summary>When all is in: a freeze at what is not here becomes one at what comes next to it, and the served snapshot is chosen.</summary>
    private Task<(ServedChoice Served, List<string> Remarks)> SettleAsync(LaravelRepository row, Repository made, bool hasTaken, CancellationToken cancellation) =>
        change.RunAsync(
            made.Name,
            async (session, repository) =>
            {
                var remarks = new List<string>();
                var now = clock.GetUtcNow();
                var here = await SnapshotCatalog.ListAsync(session, repository);
                var isNew = hasTaken || repository.Served is null;
                if (isNew && repository.Freeze is { } freeze && !here.Exists(snapshot => snapshot.Instant.UnixSeconds == freeze))
                {
                    var next = InPlaceOf(row, new(freeze), repository.DelayDays, [.. here.Where(snapshot => !snapshot.Pinned).Select(snapshot => snapshot.Instant)], now);
                    remarks.Add($"it is frozen at '{row.FrozenFolder}', which is not here: {(next is null ? "nor is any other snapshot" : $"frozen at {next} in its place")}");
                    repository = next is { } instant ? repository.Frozen(instant.UnixSeconds, now) : repository;
                    await RepositoryCatalog.UpdateAsync(session, repository);
                }

                // What was served while the snapshots came in one by one was chance.
                var choice = await ServedSnapshots.RecordAsync(session, isNew ? repository with { Served = null, ServedFrozen = false } : repository, now);
                return (choice, remarks);
            },
            cancellation
        );

    // An operator froze it so that nothing newer goes out: the newest up to there. What names no instant is frozen at what is served now.
    private static SnapshotInstant? InPlaceOf(LaravelRepository row, SnapshotInstant frozen, int delay, List<SnapshotInstant> instants, DateTimeOffset now) =>
        instants.Count == 0 ? null
        : !SnapshotInstant.TryParse(row.FrozenFolder, null, out _) ? new ReleasePolicy(delay, null, null).Choose([.. instants.Select(instant => new KnownSnapshot(instant, null, false))], null, now).Snapshot
        : instants.Exists(instant => instant <= frozen) ? instants.FindLast(instant => instant <= frozen)
        : instants[0];

    private async Task<ImportedRepository> PreviewAsync(
        LaravelRepository row, RepositoryName name, RepositorySettings settings, Repository? known, List<string> folders, LaravelStorage storage, CancellationToken cancellation
    )
    {
        var found = await import.PreviewAsync(known, row.Name, folders, storage, cancellation);
        var here = known is null ? [] : (await snapshots.ListAsync(known, cancellation)).ConvertAll(ServedSnapshots.Known);
        var all = here.Select(snapshot => snapshot.Instant)
            .Concat(found.Where(snapshot => snapshot.State == ImportState.Would).Select(snapshot => snapshot.Instant!.Value)).Distinct().Order().ToList();
        var wanted = await WantedFreezeAsync(row, folders, storage, cancellation);
        SnapshotInstant? freeze = wanted is not { } w ? null : w.Folder is not null || all.Contains(w.Instant) ? w.Instant : InPlaceOf(row, w.Instant, settings.DelayDays, all, clock.GetUtcNow());
        var policy = new ReleasePolicy(settings.DelayDays, known is null ? freeze : known.Freeze is { } frozen ? new(frozen) : null, ReleaseMark: null);
        var now = clock.GetUtcNow();
        var choice = policy.Choose([.. all.Select(instant => new KnownSnapshot(instant, null, false)), .. wanted?.Folder is null ? Array.Empty<KnownSnapshot>() : [new(wanted.Value.Instant, null, true)]], null, now);
        return new(name.ToString(), known is null ? ImportState.Would : ImportState.There, null, found, row.Served(folders, now), choice.Snapshot, choice.Text) { Remarks = [.. RemarksOf(row, settings, storage)] };
    }

    private IEnumerable<string> RemarksOf(LaravelRepository row, RepositorySettings settings, LaravelStorage storage)
    {
        if (settings.Command != row.Command)
        {
            yield return $"its command was '{row.Command}', and is '{settings.Command}' here";
        }

        if (!row.NamesItsSource)
        {
            yield return $"its command does not name source/{row.Name}, where Parceler looks for what it brings: {row.Command}";
        }
        else if (storage.IsBucket && disk.IsWorkFolder)
        {
            yield return $"its command wrote to the bucket, and this storage is a folder: parceler repository edit {row.Name} --command ...";
        }
    }
}
