using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parceler.Delivery;

namespace Parceler.App.Cli;

internal sealed class Up(CliContext context) : CliCommand(context, "up", "Ends maintenance", "parceler up")
{
    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var services = await Context.OpenAsync(cancellation);
        var maintenance = services.GetRequiredService<MaintenanceMode>();
        await maintenance.LoadAsync(cancellation);
        var wasDown = maintenance.Current is not null;
        await maintenance.EndAsync(cancellation);
        Context.Say(wasDown ? "The service is up" : "The service was up already");
        return ExitCodes.Done;
    }
}
