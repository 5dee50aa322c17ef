using System.Globalization;
using Parceler.Feeds;
using Parceler.Releases;
using Parceler.Repositories;

namespace Parceler.App.Answers;

/// <summary>A version of a package as <c>package search --json</c> prints it.</summary>
/// <param name="Snapshots">Those that have it, oldest first.</param>
/// <param name="ServedFrom">When it will be served, if nothing intervenes; null when it is served now, or will not be.</param>
internal sealed record PackageEntry(
    string Repository,
    string Name,
    string Version,
    string Architecture,
    string Format,
    string Feed,
    string Path,
    long? Size,
    IReadOnlyList<string> Snapshots,
    bool Served,
    DateTimeOffset? ServedFrom
)
{
    public static PackageEntry Of(RepositoryName repository, FoundPackage found) =>
        new(
            repository.ToString(),
            found.Package.Name,
            found.Package.Version,
            found.Package.Architecture,
            found.Feed.Format.ToWord(),
            found.Feed.Name,
            found.Package.Path,
            found.Package.Size,
            [.. found.Snapshots.Select(snapshot => snapshot.ToString())],
            found.IsServed,
            found.ServedFrom
        );

    /// <summary>Whether machines get it, in words.</summary>
    public string State => Served ? "served now"
        : ServedFrom is { } from ? string.Create(CultureInfo.InvariantCulture, $"served from {from.UtcDateTime:yyyy-MM-dd HH:mm} UTC")
        : "not served";

    public string Where => Snapshots.Count == 1 ? Snapshots[0] : $"{Snapshots[0]} to {Snapshots[^1]} ({Snapshots.Count})";
}
