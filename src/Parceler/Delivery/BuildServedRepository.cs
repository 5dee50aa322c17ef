using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Parceler.Database;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.Delivery;

/// <summary>Builds what machines see of a repository: the served snapshot, and those that they may still read.</summary>
internal sealed partial class BuildServedRepository(
    ParcelerDb db,
    StoreIdentity identity,
    ManifestStore manifests,
    SnapshotTrees trees,
    IndexDates dates,
    LeaseRule rule,
    TimeProvider clock,
    ILogger<BuildServedRepository> log
)
{
    private readonly ConcurrentDictionary<(RepositoryName Name, SnapshotInstant Snapshot), bool> _damaged = new();
    private readonly HashSet<(string, SnapshotInstant)> _reported = [];
    private bool _leftUnread;

    /// <summary>The snapshots that should be served but have a damaged manifest; each is given once, until it is met again.</summary>
    public List<(RepositoryName Name, SnapshotInstant Snapshot)> TakeDamaged() => [.. _damaged.Keys.Where(damaged => _damaged.TryRemove(damaged, out _))];

    /// <summary>Whether a manifest could not be read since the last call.</summary>
    public bool TakeLeftUnread() => Interlocked.Exchange(ref _leftUnread, false);

    /// <summary>What could not be read keeps its last state. Not to be called twice at once.</summary>
    public async Task<ServedRepository> RunAsync(Repository repository, ServedRepository? before, CancellationToken cancellation)
    {
        var name = repository.Name.ToString();
        before = before?.Id == repository.Id ? before : null;
        var traffic = before?.Traffic ?? new();
        var (held, readable) = await HeldAsync(repository, before, cancellation);
        if (MustDoubt(before, readable))
        {
            await identity.CheckAsync(cancellation); // a store that is gone is no deletion
        }

        var earlier = new List<ServedTree>();
        foreach (var serving in held.Where(serving => serving.StoppedAt is not null && readable.Contains(serving.Snapshot)).Reverse())
        {
            if (await ServingAsync(repository, serving, before, earlier, cancellation) is { } tree)
            {
                tree.Use((serving.LastUse ?? serving.Since).ToDb());
                earlier.Add(tree);
            }
        }

        earlier.Reverse();
        if (repository.Served is not { } served)
        {
            return new(repository.Id, name, null, earlier) { Traffic = traffic };
        }

        var since = repository.ServedSince ?? new SnapshotInstant(served).Time;
        var current = held.Find(serving => serving.StoppedAt is null) ?? new(new(served), since, null, null, null);
        return await ServingAsync(repository, current, before, earlier, cancellation) is { } now ? new(repository.Id, name, now, earlier) { Traffic = traffic }
            : before ?? new(repository.Id, name, null, earlier) { Traffic = traffic };
    }

    private async Task<(List<HeldServing> Held, HashSet<SnapshotInstant> Readable)> HeldAsync(Repository repository, ServedRepository? before, CancellationToken cancellation)
    {
        await using var session = await db.OpenAsync(cancellation);
        var held = await HeldServings.ListAsync(session, repository, rule.Times.Hold, clock.GetUtcNow());
        held.RemoveAll(serving => serving.Since > repository.ServedSince); // a switch that came after the repository was read: it is the next refresh's
        HashSet<SnapshotInstant> readable = [.. (await SnapshotCatalog.ListAsync(session, repository)).Select(s => s.Instant)];
        if (held.Exists(serving => !readable.Contains(serving.Snapshot)) || MustDoubt(before, readable))
        {
            readable.UnionWith(await manifests.ListWithdrawnAsync(repository.Name.ToString(), cancellation)); // where a listing costs, only when it tells something
        }

        return (held, readable);
    }

    private static bool MustDoubt(ServedRepository? before, HashSet<SnapshotInstant> readable) =>
        before is not null && before.Servings.Any(serving => !readable.Contains(serving.Tree.Instant));

    private async Task<ServedTree?> ServingAsync(Repository repository, HeldServing serving, ServedRepository? before, List<ServedTree> earlier, CancellationToken cancellation)
    {
        if (before?.ServingSince(serving.Since.ToDb()) is { IsOver: false } known)
        {
            return known;
        }

        try
        {
            if (await trees.LoadAsync(repository, serving.Snapshot, cancellation) is { } tree)
            {
                _reported.Remove((repository.Id, serving.Snapshot));
                var justBefore = serving.Before is { } previous ? earlier.Find(other => other.Since == previous) : null;
                return new(tree, serving.Since, await dates.OlderAsync(repository, tree, serving.Since, justBefore, cancellation));
            }

            if (_reported.Add((repository.Id, serving.Snapshot)))
            {
                ManifestGone(log, serving.Snapshot, repository.Name);
            }
        }
        catch (CorruptManifestException e)
        {
            Report(repository, serving.Snapshot, e);
            if (serving.StoppedAt is null)
            {
                _damaged[(repository.Name, serving.Snapshot)] = true;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Report(repository, serving.Snapshot, e);
        }

        _leftUnread = true;
        return null;
    }

    // Once, not at every try.
    private void Report(Repository repository, SnapshotInstant snapshot, Exception problem)
    {
        if (_reported.Add((repository.Id, snapshot)))
        {
            ManifestUnreadable(log, snapshot, repository.Name, problem.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The manifest of snapshot {Snapshot} of {Repository} is gone; what was served before stays until the storage is looked through")]
    private static partial void ManifestGone(ILogger log, SnapshotInstant snapshot, RepositoryName repository);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Snapshot {Snapshot} of {Repository} can't be served: {Problem}")]
    private static partial void ManifestUnreadable(ILogger log, SnapshotInstant snapshot, RepositoryName repository, string problem);
}
