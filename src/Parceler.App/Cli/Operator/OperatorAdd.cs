using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.Operators;

namespace Parceler.App.Cli;

internal sealed class OperatorAdd : CliCommand
{
    private readonly Argument<AccountName> _name = AccountInputs.Name("Name to sign in with");
    private readonly Option<string> _role = new("--role") { HelpName = "ROLE", Description = "viewer, who looks, or operator, who changes", Required = true };

    public OperatorAdd(CliContext context)
        : base(context, "add", $"Adds somebody who signs in with a password, of {PasswordHash.Shortest} characters at least, asked for or read from standard input", "parceler operator add jo --role viewer")
    {
        Add(_name);
        Add(_role.AcceptOnlyFromAmong(ScopeWords.Roles));
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var (name, role) = (parsed.GetRequiredValue(_name), parsed.GetRequiredValue(_role));
        await using var services = await Context.OpenAsync(cancellation);
        await services.GetRequiredService<OperatorCatalog>().AddAsync(name, role, await AccountInputs.PasswordAsync(Context, cancellation), cancellation);
        Context.Say($"'{name}' can sign in as {role}");
        return ExitCodes.Done;
    }
}
