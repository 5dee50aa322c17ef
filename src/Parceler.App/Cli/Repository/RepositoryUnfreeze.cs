using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Answers;
using Parceler.Releases;
using Parceler.Repositories;

namespace Parceler.App.Cli;

internal sealed class RepositoryUnfreeze : CliCommand
{
    private readonly Argument<RepositoryName> _name = Inputs.Name();

    public RepositoryUnfreeze(CliContext context)
        : base(context, "unfreeze", "Lets the delay decide again which snapshot is served", "parceler repository unfreeze nethsecurity") => Add(_name);

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var name = parsed.GetRequiredValue(_name);
        await using var services = await Context.OpenAsync(cancellation);
        var choice = await services.GetRequiredService<UnfreezeRepository>().RunAsync(name, cancellation);
        Context.Say($"'{name}' is unfrozen: {choice.InWords}");
        return ExitCodes.Done;
    }
}
