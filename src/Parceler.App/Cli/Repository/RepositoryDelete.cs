using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.Releases;
using Parceler.Repositories;

namespace Parceler.App.Cli;

internal sealed class RepositoryDelete : CliCommand
{
    private readonly Argument<RepositoryName> _name = Inputs.Name();
    private readonly Option<bool> _yes = Inputs.Yes();

    public RepositoryDelete(CliContext context)
        : base(
            context,
            "delete",
            "Deletes a repository with its source and its snapshots, after ending its jobs; machines get 404 at once",
            "parceler repository delete nethsecurity --yes"
        )
    {
        Add(_name);
        Add(_yes);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var name = parsed.GetRequiredValue(_name);
        await using var services = await Context.OpenAsync(cancellation);
        await services.GetRequiredService<RepositoryCatalog>().GetAsync(name, cancellation); // before anybody is asked
        if (!parsed.GetValue(_yes) && !await IsMeantAsync(name, cancellation))
        {
            Context.Note("Nothing was deleted");
            return ExitCodes.Failed;
        }

        await services.GetRequiredService<DeleteRepository>().RunAsync(name, cancellation);
        Context.Say($"The repository '{name}' was deleted");
        return ExitCodes.Done;
    }

    private Task<bool> IsMeantAsync(RepositoryName name, CancellationToken cancellation) =>
        Context.CanAsk
            ? Questions.YesAsync(Context, $"Delete '{name}' with its source and all its snapshots?", fallback: false, cancellation)
            : throw new UsageException("--yes is missing: a deletion can't be undone, and nobody is there to ask");
}
