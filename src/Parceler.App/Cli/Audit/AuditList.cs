using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Answers;
using Parceler.App.Configuration;
using Parceler.Audit;
using Parceler.Repositories;

namespace Parceler.App.Cli;

internal sealed class AuditList : CliCommand
{
    private const int UsualLimit = 50;
    private readonly Option<RepositoryName?> _repository = new("--repository") { HelpName = "NAME", Description = "Only changes of this repository", CustomParser = Inputs.OneOrNone<RepositoryName> };
    private readonly Option<string?> _since = new("--since") { HelpName = "DATE", Description = "Only changes from this day, or this instant, on" };
    private readonly Option<int?> _limit = new("--limit") { HelpName = "N", Description = $"How many at most; {UsualLimit} by default", CustomParser = Inputs.Number(1) };
    private readonly Option<bool> _json = Inputs.Json();

    public AuditList(CliContext context)
        : base(context, "list", "Lists changes, newest first: when, who, what, repository, before, after, from which address", "parceler audit list --repository nethsecurity --since 2026-11-01")
    {
        Add(_repository);
        Add(_since);
        Add(_limit);
        Add(_json);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var services = await Context.OpenAsync(cancellation);
        var since = parsed.GetValue(_since) is { } text ? Expiry.Begin(text, services.GetRequiredService<ParcelerSettings>().TimeZone) : (DateTimeOffset?)null;
        var entries = await services.GetRequiredService<AuditLog>().ListAsync(parsed.GetValue(_repository)?.ToString(), since, below: null, parsed.GetValue(_limit) ?? UsualLimit, cancellation);
        if (parsed.GetValue(_json))
        {
            await Listing.PrintJsonAsync(Context, entries.Select(AuditLine.Of), CliJson.Printed.AuditLine, cancellation);
            return ExitCodes.Done;
        }

        var listing = new Listing("When", "Who", "What", "Repository", "Before", "After", "From");
        entries.ForEach(entry => listing.Add(Listing.Time(entry.At), entry.Who, entry.What, entry.Repository, entry.Before, entry.After, entry.Address));
        listing.Print(Context);
        return ExitCodes.Done;
    }
}
