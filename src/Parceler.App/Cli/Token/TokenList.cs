using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Answers;
using Parceler.Operators;

namespace Parceler.App.Cli;

internal sealed class TokenList : CliCommand
{
    private readonly Option<bool> _json = Inputs.Json();

    public TokenList(CliContext context)
        : base(context, "list", "Lists the tokens: name, scopes, who made them and when, expiry, last use", "parceler token list") => Add(_json);

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var services = await Context.OpenAsync(cancellation);
        var entries = (await services.GetRequiredService<ApiTokens>().ListAsync(cancellation)).ConvertAll(TokenEntry.Of);
        if (parsed.GetValue(_json))
        {
            await Listing.PrintJsonAsync(Context, entries, CliJson.Printed.TokenEntry, cancellation);
            return ExitCodes.Done;
        }

        var listing = new Listing("Name", "Scopes", "Created", "By", "Expires", "Last used");
        entries.ForEach(t => listing.Add(t.Name, string.Join(',', t.Scopes), Listing.Time(t.CreatedAt), t.CreatedBy, Listing.Time(t.ExpiresAt), Listing.Time(t.LastUsedAt)));
        listing.Print(Context);
        return ExitCodes.Done;
    }
}
