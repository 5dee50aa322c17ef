using Parceler.Database;
using Parceler.Repositories;

namespace Parceler.Releases;

/// <summary>The one way to a change after which another snapshot may be served: announced first, then one transaction.</summary>
internal sealed class SwitchRepository(ChangeRepository change, RepositoryCatalog repositories, AnnounceSwitch announce)
{
    /// <exception cref="UnknownRepositoryException"/>
    public async Task<T> RunAsync<T>(RepositoryName name, Func<DbSession, Repository, Task<T>> work, CancellationToken cancellation)
    {
        var repository = await repositories.GetAsync(name, cancellation);
        await using var announced = await announce.RunAsync(repository.Id, cancellation);
        return await change.RunAsync(name, work, cancellation);
    }
}
