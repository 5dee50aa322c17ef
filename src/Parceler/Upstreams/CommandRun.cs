using Parceler.Repositories;

namespace Parceler.Upstreams;

/// <summary>What one run of an operator's sync command needs. Both folders are absolute and on one file system.</summary>
/// <param name="SourceFolder">The repository's <c>source/NAME</c>, which the command fills.</param>
/// <param name="WorkFolder">Where the shell starts. Beside it stands the lock of the repository's command.</param>
/// <param name="TimeLimit">After this the command is ended; null = it may take as long as it likes.</param>
internal sealed record CommandRun(RepositoryName Repository, string Command, string SourceFolder, string WorkFolder, TimeSpan? TimeLimit);
