using Microsoft.AspNetCore.Http.HttpResults;
using Parceler.App.Answers;
using Parceler.App.Cli;
using Parceler.Releases;
using Parceler.Repositories;

namespace Parceler.App.Http.Api;

/// <summary>Repositories, read.</summary>
internal static class RepositoryRoutes
{
    private const string Tag = "Repositories";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/repositories", ListAsync).Reads().WithName("listRepositories").WithTags(Tag).WithSummary("Repositories by name, with what machines get and how the last sync went");
        api.MapGet("/repositories/{name}", ShowAsync).Reads().WithName("showRepository").WithTags(Tag).WithSummary("One repository: its settings, its feeds, what machines get and until when").ProducesProblem(404);
        api.MapGet("/repositories/{name}/preview", PreviewAsync).Reads().WithName("previewRepository").WithTags(Tag).WithSummary("What is released when if nothing intervenes, and the packages that change then").ProducesProblem(404);
        api.MapGet("/packages", FindAsync).Reads().WithName("findPackages").WithTags("Packages").WithSummary("Which version of a package is in which snapshot, which machines get now, and from when a newer one; '*' and '?' stand for any text and character");
    }

    internal static async Task<Ok<ApiPage<RepositoryEntry>>> ListAsync(string? cursor, int? limit, ReadRepositories reading, CancellationToken cancellation)
    {
        var entries = await reading.ListAsync(_ => { }, cancellation);
        entries.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return TypedResults.Ok(Paging.After(entries, entry => entry.Name, cursor, limit));
    }

    internal static async Task<Ok<RepositoryDetails>> ShowAsync(string name, ReadRepositories reading, CancellationToken cancellation) =>
        TypedResults.Ok(await reading.ShowAsync(RepositoryName.Parse(name), _ => { }, cancellation));

    internal static async Task<Ok<List<PreviewEntry>>> PreviewAsync(string name, int? days, ReadSnapshots reading, CancellationToken cancellation) =>
        days is < 1 or > RepositorySettings.MaxDelayDays
            ? throw new ApiException(StatusCodes.Status400BadRequest, $"days: {days} is no whole number from 1 to {RepositorySettings.MaxDelayDays}")
            : TypedResults.Ok(await reading.PreviewAsync(RepositoryName.Parse(name), days ?? RepositoryPreview.DefaultDays, _ => { }, cancellation));

    internal static async Task<Ok<ApiPage<PackageEntry>>> FindAsync(string name, string? repository, string? cursor, int? limit, RepositoryCatalog catalog, FindPackages packages, CancellationToken cancellation)
    {
        var repositories = repository is not null ? [await catalog.GetAsync(RepositoryName.Parse(repository), cancellation)] : await catalog.ListAsync(cancellation);
        var entries = new List<PackageEntry>();
        foreach (var one in repositories)
        {
            entries.AddRange((await packages.RunAsync(one, name, _ => { }, cancellation)).Select(found => PackageEntry.Of(one.Name, found)));
        }

        entries.Sort((a, b) => string.CompareOrdinal(KeyOf(a), KeyOf(b)));
        return TypedResults.Ok(Paging.After(entries, KeyOf, cursor, limit));
    }

    private static string KeyOf(PackageEntry entry) => string.Join('\n', entry.Repository, entry.Format, entry.Feed, entry.Name, entry.Version, entry.Architecture, entry.Path);
}
