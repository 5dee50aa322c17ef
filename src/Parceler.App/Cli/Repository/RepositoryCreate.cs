using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.Jobs;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Storage;

namespace Parceler.App.Cli;

internal sealed class RepositoryCreate : CliCommand
{
    private readonly Argument<RepositoryName?> _name = new("NAME")
    {
        Description = "Name of the repository: 1 to 64 letters, digits, '_' and '-'",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = Inputs.OneOrNone<RepositoryName>,
    };

    private readonly SettingsOptions _settings = new();

    private readonly Option<string[]> _trust =
        new("--trust") { HelpName = "KEYFILE", Description = "A public key that its package indexes have to be signed with; can be given several times" };

    public RepositoryCreate(CliContext context)
        : base(
            context,
            "create",
            "Adds a repository: a command that fills it, or an upstream that is mirrored. On a terminal it asks for what it needs when the name or the command is missing",
            "parceler repository create nethsecurity --command 'rclone sync upstream:packages source/nethsecurity' --delay 7"
        )
    {
        Add(_name);
        _settings.AddWithNoSyncTo(this);
        Add(_trust);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var wanted = await CompleteAsync(parsed, cancellation);
        await using var services = await Context.OpenAsync(cancellation);
        _settings.RefuseWithout(services.GetRequiredService<StorageDisk>(), parsed);
        var queue = services.GetRequiredService<JobQueue>();
        long job = 0;
        var created = await services.GetRequiredService<CreateRepository>().RunAsync(
            wanted.Name,
            wanted.Settings,
            await KeyFiles.ReadAllAsync(parsed.GetValue(_trust) ?? [], cancellation),
            async (session, repository) => job = wanted.SyncNow ? await queue.EnqueueAsync(session, JobKinds.SyncOf(repository.Name)) : 0,
            cancellation
        );
        await TellAsync(created, job, services, cancellation);
        return ExitCodes.Done;
    }

    private async Task<NewRepository> CompleteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var name = parsed.GetValue(_name);
        var command = parsed.GetValue(_settings.Command);
        if (name is { } given && (command is not null || parsed.GetValue(_settings.Mirror.Upstream) is { Length: > 0 }))
        {
            return new(given, _settings.Apply(parsed, NewRepository.Defaults("")), !parsed.GetValue(_settings.NoSync));
        }

        return Context.CanAsk ? await new AskRepository(Context, _settings).RunAsync(name, parsed, cancellation)
            : name is null ? throw new UsageException("NAME is missing: parceler repository create NAME --command CMD")
            : throw new UsageException("--command is missing, the shell command that fills the folder source/NAME, or --upstream KIND URL");
    }

    private async Task TellAsync(Repository created, long job, ServiceProvider services, CancellationToken cancellation)
    {
        Context.Say($"The repository '{created.Name}' was created, with a delay of {created.DelayDays} days.");
        if (job == 0)
        {
            Context.Say($"The daily sync will bring in its first snapshot; to sync now: parceler repository sync {created.Name} --wait");
            return;
        }

        Context.Say($"Its first sync is queued as job {job}; machines get its first snapshot as soon as that is done. To see it: parceler job show {job}");
        await WorkerHint.GiveAsync(Context, services, cancellation);
    }
}

/// <summary>All that is needed to add a repository.</summary>
internal sealed record NewRepository(RepositoryName Name, RepositorySettings Settings, bool SyncNow)
{
    public static RepositorySettings Defaults(string command) =>
        new(command, SourceFolder: "", RepositorySettings.DefaultDelayDays, AllowEmpty: false, TimeLimit: null);
}
