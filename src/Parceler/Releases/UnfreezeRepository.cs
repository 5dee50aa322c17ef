using Parceler.Repositories;

namespace Parceler.Releases;

/// <summary>Lets the delay decide again which snapshot is served.</summary>
internal sealed class UnfreezeRepository(SwitchRepository change, TimeProvider clock)
{
    /// <exception cref="RefusedException">It is not frozen.</exception>
    public Task<ServedChoice> RunAsync(RepositoryName name, CancellationToken cancellation) =>
        change.RunAsync(
            name,
            async (session, repository) =>
            {
                if (repository.Freeze is null)
                {
                    throw new RefusedException($"'{name}' is not frozen");
                }

                var unfrozen = repository.Unfrozen();
                await RepositoryCatalog.UpdateAsync(session, unfrozen);
                return await ServedSnapshots.RecordAsync(session, unfrozen, clock.GetUtcNow());
            },
            cancellation
        );
}
