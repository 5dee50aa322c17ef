using System.CommandLine;
using Parceler.Operators;
using Spectre.Console;

namespace Parceler.App.Cli;

/// <summary>What commands on tokens and operators are given.</summary>
internal static class AccountInputs
{
    public static Argument<AccountName> Name(string description) => new("NAME") { Description = description, CustomParser = Inputs.One<AccountName> };

    /// <summary>A password is never an argument: other users of the computer see those. Asked twice on a terminal, else the first line of standard input.</summary>
    /// <exception cref="UsageException"/>
    public static async Task<string> PasswordAsync(CliContext context, CancellationToken cancellation)
    {
        if (!context.CanAsk)
        {
            return await context.In.ReadLineAsync(cancellation) ?? throw new UsageException("The password is missing: it is read from standard input, one line");
        }

        var password = await new TextPrompt<string>("Password:").Secret().ShowAsync(context.Console, cancellation);
        return await new TextPrompt<string>("Again:").Secret().ShowAsync(context.Console, cancellation) == password ? password : throw new UsageException("The two are not the same");
    }
}
