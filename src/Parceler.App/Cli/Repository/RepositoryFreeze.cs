using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.Releases;
using Parceler.Repositories;

namespace Parceler.App.Cli;

internal sealed class RepositoryFreeze : CliCommand
{
    private readonly Argument<RepositoryName> _name = Inputs.Name();

    private readonly Argument<string?> _snapshot = new("SNAPSHOT")
    {
        Description = "A snapshot by its instant or the beginning of it, or a folder on the storage disk; the served snapshot by default",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _now = Inputs.Now();

    public RepositoryFreeze(CliContext context)
        : base(
            context,
            "freeze",
            "Serves one snapshot until unfrozen; syncs go on",
            "parceler repository freeze nethsecurity 2026-11-23T00:00:10+00:00"
        )
    {
        Add(_name);
        Add(_snapshot);
        Add(_now);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var name = parsed.GetRequiredValue(_name);
        await using var services = await Context.OpenAsync(cancellation);
        var freeze = services.GetRequiredService<FreezeRepository>();
        var frozen = await Bar.RunAsync(Context, progress => freeze.RunAsync(name, parsed.GetValue(_snapshot), parsed.GetValue(_now), progress, cancellation));
        Context.Say($"'{name}' is frozen: machines get {frozen} until: parceler repository unfreeze {name}");
        return ExitCodes.Done;
    }
}
