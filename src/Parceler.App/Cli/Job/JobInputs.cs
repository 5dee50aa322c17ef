using System.CommandLine;

namespace Parceler.App.Cli;

/// <summary>What the commands on one job share.</summary>
internal static class JobInputs
{
    public static Argument<long> Id() => new("ID") { Description = "Number of the job", CustomParser = result => Inputs.Number(1)(result) ?? 0 };
}
