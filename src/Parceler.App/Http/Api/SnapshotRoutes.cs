using Microsoft.AspNetCore.Http.HttpResults;
using Parceler.App.Answers;
using Parceler.Feeds;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Snapshots;

namespace Parceler.App.Http.Api;

/// <summary>A package in a snapshot.</summary>
internal sealed record SnapshotPackage(string Name, string Version, string Architecture, string Format, string Feed, string Path, long? Size)
{
    public static SnapshotPackage Of(FoundFeed feed, FeedPackage package) => new(package.Name, package.Version, package.Architecture, feed.Format.ToWord(), feed.Name, package.Path, package.Size);
}

/// <summary>What was deleted, and what machines get now.</summary>
internal sealed record DeletedSnapshot(string Deleted, Served Served);

/// <summary>Snapshots. Each is named by its instant or a unique beginning of it, or as <c>served</c> or <c>newest</c>.</summary>
internal static class SnapshotRoutes
{
    private const string Tag = "Snapshots";

    public static void Map(RouteGroupBuilder api)
    {
        var snapshots = api.MapGroup("/repositories/{name}/snapshots");
        snapshots.MapGet("", ListAsync).Reads().WithName("listSnapshots").WithTags(Tag).WithSummary("The snapshots of a repository, oldest first").ProducesProblem(404);
        snapshots.MapGet("/{snapshot}/files", FilesAsync).Reads().WithName("listFiles").WithTags(Tag).WithSummary("The files of a snapshot, by path").ProducesProblem(404);
        snapshots.MapGet("/{snapshot}/packages", PackagesAsync).Reads().WithName("listPackages").WithTags(Tag).WithSummary("The packages of a snapshot, feed by feed").ProducesProblem(404);
        snapshots.MapGet("/{snapshot}/diff/{other}", DiffAsync).Reads().WithName("diffSnapshots").WithTags(Tag).WithSummary("What the other snapshot has differently: packages, then files of no feed; or all files").ProducesProblem(404);
        snapshots.MapDelete("/{snapshot}", DeleteAsync).Changes("snapshot.delete").WithName("deleteSnapshot").WithTags(Tag).WithSummary("Deletes a snapshot: machines get the next one by the rules; with now=true those in the middle of an update, too").ProducesProblem(404);
    }

    internal static async Task<Ok<ApiPage<SnapshotEntry>>> ListAsync(string name, string? cursor, int? limit, ReadSnapshots reading, CancellationToken cancellation) =>
        TypedResults.Ok(Paging.After((await reading.ListAsync(RepositoryName.Parse(name), cancellation)).Entries, entry => entry.Instant, cursor, limit));

    internal static async Task<Ok<ApiPage<FileEntry>>> FilesAsync(string name, string snapshot, string? cursor, int? limit, ReadSnapshots reading, CancellationToken cancellation)
    {
        var listed = await reading.ListAsync(RepositoryName.Parse(name), cancellation);
        var manifest = await reading.ReadAsync(listed.Repository.Name, listed.Find(snapshot), cancellation);
        var page = Paging.After(manifest.Files, file => file.Path, cursor, limit);
        return TypedResults.Ok(new ApiPage<FileEntry>([.. page.Items.Select(file => new FileEntry(file.Path, file.Size, file.Digest.ToString()))], page.Next));
    }

    internal static async Task<Ok<ApiPage<SnapshotPackage>>> PackagesAsync(string name, string snapshot, string? cursor, int? limit, ReadSnapshots reading, OpenPackages packages, CancellationToken cancellation)
    {
        var listed = await reading.ListAsync(RepositoryName.Parse(name), cancellation);
        var opened = await packages.OpenAsync(listed.Repository.Name, listed.Find(snapshot), cancellation);
        var all = new List<(FoundFeed Feed, FeedPackage Package)>();
        foreach (var feed in opened.Feeds)
        {
            all.AddRange((opened.Read(feed, cancellation).Feed?.Packages ?? []).Select(package => (feed, package)));
        }

        var page = Paging.At(all, cursor, limit);
        return TypedResults.Ok(new ApiPage<SnapshotPackage>([.. page.Items.Select(item => SnapshotPackage.Of(item.Feed, item.Package))], page.Next));
    }

    internal static async Task<Ok<ApiPage<DiffEntry>>> DiffAsync(string name, string snapshot, string other, bool? files, string? cursor, int? limit, ReadSnapshots reading, CancellationToken cancellation)
    {
        var listed = await reading.ListAsync(RepositoryName.Parse(name), cancellation);
        var (before, after) = await reading.OpenAsync(listed.Repository.Name, listed.Find(snapshot), listed.Find(other), cancellation);
        if (files == true)
        {
            return TypedResults.Ok(Paging.At([.. FileChange.Between(before.Files, after.Files).Select(DiffEntry.Of)], cursor, limit));
        }

        var changes = new CompareSnapshots(before, after).Run(cancellation);
        return TypedResults.Ok(Paging.At([.. changes.Packages.Select(DiffEntry.Of), .. changes.Files.Select(DiffEntry.Of)], cursor, limit));
    }

    internal static async Task<Ok<DeletedSnapshot>> DeleteAsync(string name, string snapshot, bool? now, ReadSnapshots reading, DeleteSnapshots delete, CancellationToken cancellation)
    {
        var repository = RepositoryName.Parse(name);
        var words = snapshot is ListedSnapshots.Served or ListedSnapshots.Newest ? (await reading.ListAsync(repository, cancellation)).Find(snapshot).ToString() : snapshot; // else it may be one that was withdrawn
        var (deleted, served) = await delete.RunAsync(repository, [words], now ?? false, cancellation);
        return TypedResults.Ok(new DeletedSnapshot(deleted[0].ToString(), Served.Of(served)));
    }
}
