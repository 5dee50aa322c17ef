using Parceler.Database;

namespace Parceler.Repositories;

/// <summary>What an operator says of a repository.</summary>
internal sealed record RepositorySettings(string Command, string SourceFolder, int DelayDays, bool AllowEmpty, TimeSpan? TimeLimit)
{
    public const int DefaultDelayDays = 7;
    public const int MaxDelayDays = 3650;

    /// <summary>In place of a command.</summary>
    public MirrorSettings? Mirror { get; init; }

    public GateMode Gate { get; init; }

    /// <summary>The command writes to <c>source/NAME</c> of the storage disk itself.</summary>
    public bool SourceOnDisk { get; init; }

    /// <exception cref="InvalidSettingException">A value is out of its range.</exception>
    public RepositorySettings Checked()
    {
        if (Mirror is not null && Command.Length > 0)
        {
            throw new InvalidSettingException("A repository has a command or an upstream that Parceler mirrors itself, not both");
        }

        if (Mirror is not null && SourceFolder.Length > 0)
        {
            throw new InvalidSettingException("A source folder belongs to a command: the address of an upstream names its folder");
        }

        if (Mirror is not null && SourceOnDisk)
        {
            throw new InvalidSettingException("A source on the storage disk belongs to a command");
        }

        if (Mirror is null && string.IsNullOrWhiteSpace(Command))
        {
            throw new InvalidSettingException("The command is empty: it is what fills the repository, e.g. rclone sync remote:path source/NAME");
        }

        if (DelayDays is < 0 or > MaxDelayDays)
        {
            throw new InvalidSettingException($"A delay of {DelayDays} days is not possible: 0 to {MaxDelayDays}");
        }

        var folder = SourceFolder.Trim('/');
        if (folder.Split('/').Any(segment => segment is "." or "..") || folder.Contains("//", StringComparison.Ordinal) || folder.Any(char.IsControl))
        {
            throw new InvalidSettingException($"'{SourceFolder}' is no source folder: a path below source/NAME, without '.' and '..'");
        }

        return this with
        {
            SourceFolder = folder,
            Mirror = Mirror?.Checked(),
        };
    }
}

/// <summary>Adds a repository.</summary>
internal sealed class CreateRepository(ParcelerDb db, RepositoryFiles files, ChangeFeed feed, TimeProvider clock)
{
    /// <param name="also">Runs in the same transaction, e.g. to ask for the first sync.</param>
    /// <exception cref="RefusedException"/>
    public async Task<Repository> RunAsync(
        RepositoryName name,
        RepositorySettings settings,
        IReadOnlyList<TrustedKeyFile> trust,
        Func<DbSession, Repository, Task>? also,
        CancellationToken cancellation
    )
    {
        var good = settings.Checked();
        var repository = new Repository(
            Guid.NewGuid().ToString("n"),
            name,
            good.Command,
            good.SourceFolder,
            good.DelayDays,
            good.AllowEmpty,
            good.TimeLimit,
            clock.GetUtcNow()
        )
        {
            Mirror = good.Mirror,
            Gate = good.Gate,
            SourceOnDisk = good.SourceOnDisk,
            Trust = trust,
        };
        using var mine = await files.LockAsync(name, cancellation); // a deletion of this name may still be at its files
        await db.WriteAsync(
            async session =>
            {
                await RepositoryCatalog.AddAsync(session, repository);
                await RepositoryAudit.WriteAsync(session, null, repository);
                if (also is not null)
                {
                    await also(session, repository);
                }
            },
            cancellation
        );
        feed.Nudge();
        await files.WriteAsync(name, CancellationToken.None);
        return repository;
    }
}
