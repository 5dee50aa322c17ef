using System.CommandLine;
using Parceler.Entitlements;

namespace Parceler.App.Cli;

/// <summary>What every command on machines is given.</summary>
internal static class MachineInputs
{
    public static Argument<SystemId> Id() => new("SYSTEM_ID") { Description = "The id of the machine", CustomParser = Inputs.One<SystemId> };

    public static Option<TierName> Tier() =>
        new("--tier") { HelpName = "TIER", Description = "The tier, e.g. enterprise or community", Required = true, CustomParser = Inputs.One<TierName> };
}
