using Parceler.Repositories;

namespace Parceler.Releases;

/// <summary>Changes the settings of a repository. A new delay acts at once, a new command at the next sync.</summary>
internal sealed class EditRepository(SwitchRepository change, TimeProvider clock)
{
    /// <exception cref="RefusedException"/>
    public Task<Repository> RunAsync(RepositoryName name, Func<RepositorySettings, RepositorySettings> edit, CancellationToken cancellation) =>
        change.RunAsync(
            name,
            async (session, repository) =>
            {
                var edited = repository.With(edit(repository.Settings).Checked());
                await RepositoryCatalog.UpdateAsync(session, edited);
                await ServedSnapshots.RecordAsync(session, edited, clock.GetUtcNow());
                return edited;
            },
            cancellation
        );
}
