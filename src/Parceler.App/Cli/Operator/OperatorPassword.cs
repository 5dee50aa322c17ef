using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.Operators;
using Parceler.Repositories;

namespace Parceler.App.Cli;

internal sealed class OperatorPassword : CliCommand
{
    private readonly Argument<AccountName> _name = AccountInputs.Name("Name of the operator");

    public OperatorPassword(CliContext context)
        : base(context, "password", "Changes a password, asked for or read from standard input; ends the operator's sessions", "parceler operator password jo") => Add(_name);

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var name = parsed.GetRequiredValue(_name);
        await using var services = await Context.OpenAsync(cancellation);
        if (!await services.GetRequiredService<OperatorCatalog>().ChangePasswordAsync(name, await AccountInputs.PasswordAsync(Context, cancellation), cancellation))
        {
            throw new AbsentException($"There is no operator '{name}'. See them with: parceler operator list");
        }

        Context.Say($"The password of '{name}' was changed");
        return ExitCodes.Done;
    }
}
