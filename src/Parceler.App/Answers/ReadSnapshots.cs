using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.App.Answers;

/// <summary>The snapshots of one repository, and which of them machines get.</summary>
internal sealed record ListedSnapshots(Repository Repository, List<SnapshotSummary> Snapshots, ServedChoice Choice)
{
    public const string Served = "served";
    public const string Newest = "newest";

    public List<SnapshotEntry> Entries => Snapshots.ConvertAll(snapshot => SnapshotEntry.Of(snapshot, Choice));

    /// <param name="words">An instant, or the beginning of it; <c>served</c> or <c>newest</c>.</param>
    /// <exception cref="RefusedException">None, or more than one, is meant.</exception>
    public SnapshotInstant Find(string words) =>
        words switch
        {
            Served => Choice.Snapshot ?? throw new AbsentException($"'{Repository.Name}' serves no snapshot yet"),
            Newest => Snapshots.FindLast(snapshot => !snapshot.Pinned)?.Instant ?? throw new AbsentException($"'{Repository.Name}' has no snapshot yet"),
            _ => SnapshotName.Find(Repository.Name, words, Snapshots.ConvertAll(snapshot => snapshot.Instant)),
        };
}

/// <summary>Snapshots as commands print them and the API answers them.</summary>
internal sealed class ReadSnapshots(RepositoryCatalog catalog, SnapshotCatalog snapshots, ManifestStore manifests, OpenPackages packages, TimeProvider clock)
{
    /// <exception cref="UnknownRepositoryException"/>
    public async Task<ListedSnapshots> ListAsync(RepositoryName name, CancellationToken cancellation)
    {
        var repository = await catalog.GetAsync(name, cancellation);
        var all = await snapshots.ListAsync(repository, cancellation);
        return new(repository, all, ServedSnapshots.Choose(repository, all, clock.GetUtcNow()));
    }

    /// <exception cref="RefusedException">Its manifest is gone.</exception>
    public async Task<Manifest> ReadAsync(RepositoryName name, SnapshotInstant snapshot, CancellationToken cancellation) =>
        await manifests.ReadAsync(name.ToString(), snapshot, cancellation)
        ?? throw new RefusedException($"The manifest of snapshot {snapshot} of '{name}' is gone from the storage");

    /// <summary>Opens two at once, for comparing them.</summary>
    public async Task<(SnapshotPackages Before, SnapshotPackages After)> OpenAsync(RepositoryName name, SnapshotInstant a, SnapshotInstant b, CancellationToken cancellation)
    {
        var opening = Task.Run(() => packages.OpenAsync(name, a, cancellation), cancellation);
        var after = await packages.OpenAsync(name, b, cancellation);
        return (await opening, after);
    }

    /// <summary>What is served when, if nothing intervenes, and what changes for machines then.</summary>
    /// <param name="warn">Is told what could not be compared.</param>
    public async Task<List<PreviewEntry>> PreviewAsync(RepositoryName name, int days, Action<string> warn, CancellationToken cancellation)
    {
        var (repository, all, _) = await ListAsync(name, cancellation);
        var now = clock.GetUtcNow();
        var servings = ReleaseForecast.Of(ServedSnapshots.PolicyOf(repository), [.. all.Select(ServedSnapshots.Known)], ServedSnapshots.UntilNow(repository), now, now.AddDays(days));
        servings[0].Choice.Warn(name, warn);
        var entries = new List<PreviewEntry>();
        SnapshotPackages? before = null;
        foreach (var (from, choice) in servings)
        {
            var after = servings.Count > 1 && choice.Snapshot is { } snapshot ? await packages.OpenAsync(name, snapshot, cancellation) : null;
            var changes = before is null || after is null ? new([], [], []) : new CompareSnapshots(before, after).Run(cancellation);
            changes.Warn(name, warn);
            entries.Add(new(from, choice.Snapshot?.ToString(), choice.Text, [.. changes.Packages.Select(DiffEntry.Of)], changes.Files.Count));
            before = after;
        }

        return entries;
    }
}

internal static class ChangesWords
{
    /// <summary>Says which feeds could not be compared.</summary>
    public static void Warn(this SnapshotChanges changes, RepositoryName name, Action<string> warn)
    {
        foreach (var fault in changes.Faults)
        {
            warn($"{name}: {fault}");
        }
    }
}
