using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Answers;
using Parceler.App.Configuration;
using Parceler.Operators;

namespace Parceler.App.Cli;

internal sealed class TokenCreate : CliCommand
{
    private readonly Argument<AccountName> _name = AccountInputs.Name("Name of the token: what will use it");
    private readonly Option<string[]> _scopes = new("--scope") { HelpName = "SCOPE", Description = "read, operate (change everything, too) or release (ask for releases); can be given several times", Required = true };
    private readonly Option<string?> _expires = new("--expires") { HelpName = "WHEN", Description = "After so many days, e.g. 90d, or its last day; never by default" };
    private readonly Option<bool> _json = Inputs.Json();

    public TokenCreate(CliContext context)
        : base(context, "create", "Makes a token for a program that uses the API, and prints it once", "parceler token create pipeline --scope release --expires 90d")
    {
        Add(_name);
        Add(_scopes.AcceptOnlyFromAmong(ScopeWords.All));
        Add(_expires);
        Add(_json);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var services = await Context.OpenAsync(cancellation);
        var (name, scopes) = (parsed.GetRequiredValue(_name), ScopeWords.Parse(parsed.GetRequiredValue(_scopes)));
        var now = Context.Clock.GetUtcNow();
        var expires = parsed.GetValue(_expires) is { } text ? Expiry.Parse(text, services.GetRequiredService<ParcelerSettings>().TimeZone, now) : (DateTimeOffset?)null;
        var token = await services.GetRequiredService<ApiTokens>().CreateAsync(name, scopes, expires, cancellation);
        if (expires <= now)
        {
            Context.Warn("--expires is in the past: the token is refused");
        }

        if (parsed.GetValue(_json))
        {
            Context.Say(JsonSerializer.Serialize(new(name.ToString(), scopes.ToWords(), now, "", expires, null, token), CliJson.Printed.TokenEntry));
            return ExitCodes.Done;
        }

        Context.Say($"The token '{name}' may {string.Join(", ", scopes.ToWords())}{(expires is { } end ? $" until {Listing.Time(end)}" : "")}. It is shown this once:");
        Context.Say(token);
        return ExitCodes.Done;
    }
}
