using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.Entitlements;
using Parceler.Repositories;

namespace Parceler.App.Cli;

internal sealed class MachineRemove : CliCommand
{
    private readonly Argument<SystemId> _id = MachineInputs.Id();
    private readonly Option<TierName> _tier = MachineInputs.Tier();

    public MachineRemove(CliContext context)
        : base(context, "remove", "Takes a machine off the local list of a tier; it acts within a second", "parceler machine remove 3a7f-site-12 --tier community")
    {
        Add(_id);
        Add(_tier);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var (tier, id) = (parsed.GetRequiredValue(_tier), parsed.GetRequiredValue(_id));
        await using var services = await Context.OpenAsync(cancellation);
        if (!await services.GetRequiredService<LocalMachines>().RemoveAsync(tier, id, cancellation))
        {
            throw new RefusedException($"{id} is not on the list of {tier}. See who is: parceler machine list");
        }

        Context.Say($"{id} is off the list of {tier}");
        return ExitCodes.Done;
    }
}
