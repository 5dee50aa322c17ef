using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Answers;
using Parceler.Entitlements;

namespace Parceler.App.Cli;

internal sealed class MachineList : CliCommand
{
    private readonly Option<TierName?> _tier = new("--tier") { HelpName = "TIER", Description = "Only this tier", CustomParser = Inputs.OneOrNone<TierName> };
    private readonly Option<bool> _json = Inputs.Json();

    public MachineList(CliContext context)
        : base(context, "list", "Lists the machines that Parceler itself keeps a list of: tier, id, expiry, when it was added", "parceler machine list --tier community")
    {
        Add(_tier);
        Add(_json);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var services = await Context.OpenAsync(cancellation);
        var all = await services.GetRequiredService<LocalMachines>().ListAsync(cancellation);
        var tier = parsed.GetValue(_tier);
        var entries = all.FindAll(m => tier is null || m.Tier == tier)
            .ConvertAll(m => new MachineEntry(m.Tier.ToString(), m.Id.ToString(), m.ExpiresAt, m.CreatedAt, Secret: null));
        if (parsed.GetValue(_json))
        {
            await Listing.PrintJsonAsync(Context, entries, CliJson.Printed.MachineEntry, cancellation);
            return ExitCodes.Done;
        }

        var listing = new Listing("Tier", "System id", "Expires", "Added");
        entries.ForEach(m => listing.Add(m.Tier, m.SystemId, Listing.Time(m.ExpiresAt), Listing.Time(m.CreatedAt)));
        listing.Print(Context);
        return ExitCodes.Done;
    }
}
