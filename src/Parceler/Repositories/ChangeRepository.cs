using Parceler.Audit;
using Parceler.Database;
using Parceler.Storage;

namespace Parceler.Repositories;

/// <summary>The one way to change a repository: a transaction in the database, then its file beside the snapshots.</summary>
internal sealed class ChangeRepository(ParcelerDb db, RepositoryFiles files, ChangeFeed feed)
{
    /// <exception cref="UnknownRepositoryException"/>
    public async Task<T> RunAsync<T>(RepositoryName name, Func<DbSession, Repository, Task<T>> change, CancellationToken cancellation)
    {
        var result = await db.WriteAsync(
            async session =>
            {
                var repository = await RepositoryCatalog.FindAsync(session, name) ?? throw new UnknownRepositoryException(name);
                var changed = await change(session, repository);
                if (AuditedAction.Current is not null)
                {
                    await RepositoryAudit.WriteAsync(session, repository, await RepositoryCatalog.FindAsync(session, name));
                }

                return changed;
            },
            cancellation
        );
        feed.Nudge();
        await files.WriteAsync(name, CancellationToken.None); // committed: the copy follows even if the caller has left
        return result;
    }
}
