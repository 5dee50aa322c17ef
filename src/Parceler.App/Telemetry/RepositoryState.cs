using Parceler.Repositories;

namespace Parceler.App.Telemetry;

/// <summary>What is watched of a repository. Times are seconds of the Unix epoch.</summary>
/// <param name="Repository">As the database has it.</param>
/// <param name="LastSync">When a sync last succeeded; null: never.</param>
/// <param name="Missing">Snapshots whose manifest vanished.</param>
/// <param name="Served">Whether this web server serves what the policy chose; null where none runs.</param>
internal sealed record RepositoryState(Repository Repository, double? LastSync, int Snapshots, int Missing, bool? Served)
{
    public string Name { get; } = Repository.Name.ToString();
}
