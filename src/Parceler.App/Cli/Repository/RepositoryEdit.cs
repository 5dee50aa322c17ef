using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.Releases;
using Parceler.Repositories;
using Parceler.Storage;

namespace Parceler.App.Cli;

internal sealed class RepositoryEdit : CliCommand
{
    private readonly Argument<RepositoryName> _name = Inputs.Name();
    private readonly SettingsOptions _settings = new();

    public RepositoryEdit(CliContext context)
        : base(
            context,
            "edit",
            "Changes settings of a repository: a delay at once, a command or a source folder at the next sync",
            "parceler repository edit nethsecurity --delay 3"
        )
    {
        Add(_name);
        _settings.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var (changes, syncs) = (_settings.AnyGiven(parsed), parsed.GetValue(_settings.Sync));
        if (!changes && !syncs)
        {
            throw new UsageException("Nothing to change was given. See the options with: parceler repository edit --help");
        }

        var name = parsed.GetRequiredValue(_name);
        await using var services = await Context.OpenAsync(cancellation);
        _settings.RefuseWithout(services.GetRequiredService<StorageDisk>(), parsed);
        if (changes)
        {
            await services.GetRequiredService<EditRepository>().RunAsync(name, before => _settings.Apply(parsed, before), cancellation);
            Context.Say($"'{name}' was changed. To see it: parceler repository show {name}");
        }

        await services.GetRequiredService<RepositoryCatalog>().GetAsync(name, cancellation);
        return syncs ? await new QueuedJobs(Context, services).RunAsync([JobKinds.SyncOf(name)], wait: false, cancellation) : ExitCodes.Done;
    }
}
