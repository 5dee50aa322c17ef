using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.Operators;
using Parceler.Repositories;

namespace Parceler.App.Cli;

internal sealed class OperatorRemove : CliCommand
{
    private readonly Argument<AccountName> _name = AccountInputs.Name("Name of the operator");

    public OperatorRemove(CliContext context)
        : base(context, "remove", "Removes an operator, whose sessions end at once", "parceler operator remove jo") => Add(_name);

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var name = parsed.GetRequiredValue(_name);
        await using var services = await Context.OpenAsync(cancellation);
        if (!await services.GetRequiredService<OperatorCatalog>().RemoveAsync(name, cancellation))
        {
            throw new AbsentException($"There is no operator '{name}'. See them with: parceler operator list");
        }

        Context.Say($"'{name}' can no longer sign in");
        return ExitCodes.Done;
    }
}
