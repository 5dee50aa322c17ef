using Parceler.Repositories;

namespace Parceler.App.Answers;

/// <summary>Lets the next sync of a repository take an older state than the last: upstream went back on purpose.</summary>
internal sealed class AcceptRollback(ChangeRepository change)
{
    public Task RunAsync(RepositoryName name, CancellationToken cancellation) =>
        change.RunAsync(name, (session, repository) => RepositoryCatalog.UpdateAsync(session, repository with { AcceptsRollback = true }), cancellation);
}
