using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.Operators;
using Parceler.Repositories;

namespace Parceler.App.Cli;

internal sealed class TokenRevoke : CliCommand
{
    private readonly Argument<AccountName> _name = AccountInputs.Name("Name of the token");

    public TokenRevoke(CliContext context)
        : base(context, "revoke", "Revokes a token: its next request is refused", "parceler token revoke pipeline") => Add(_name);

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var name = parsed.GetRequiredValue(_name);
        await using var services = await Context.OpenAsync(cancellation);
        if (!await services.GetRequiredService<ApiTokens>().RevokeAsync(name, cancellation))
        {
            throw new AbsentException($"There is no token '{name}'. See them with: parceler token list");
        }

        Context.Say($"The token '{name}' is revoked");
        return ExitCodes.Done;
    }
}
