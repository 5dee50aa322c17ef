using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Answers;
using Parceler.Operators;

namespace Parceler.App.Cli;

internal sealed class OperatorList : CliCommand
{
    private readonly Option<bool> _json = Inputs.Json();

    public OperatorList(CliContext context)
        : base(context, "list", "Lists who can sign in: name, role, when it was added", "parceler operator list") => Add(_json);

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var services = await Context.OpenAsync(cancellation);
        var entries = (await services.GetRequiredService<OperatorCatalog>().ListAsync(cancellation)).ConvertAll(OperatorEntry.Of);
        if (parsed.GetValue(_json))
        {
            await Listing.PrintJsonAsync(Context, entries, CliJson.Printed.OperatorEntry, cancellation);
            return ExitCodes.Done;
        }

        var listing = new Listing("Name", "Role", "Added");
        entries.ForEach(known => listing.Add(known.Name, known.Role, Listing.Time(known.CreatedAt)));
        listing.Print(Context);
        return ExitCodes.Done;
    }
}
