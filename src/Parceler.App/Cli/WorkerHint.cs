using Microsoft.Extensions.DependencyInjection;
using Parceler.Delivery;
using Parceler.Jobs;

namespace Parceler.App.Cli;

/// <summary>Says why a job that was just queued will not start: nobody runs jobs, or maintenance holds them.</summary>
internal static class WorkerHint
{
    public static async Task GiveAsync(CliContext context, IServiceProvider services, CancellationToken cancellation)
    {
        if (!await services.GetRequiredService<WorkerRegister>().AnyAsync(cancellation))
        {
            context.Note("No worker is running: the job waits. Start one with: parceler serve (all in one process), or parceler worker");
        }

        var maintenance = services.GetRequiredService<MaintenanceMode>();
        await maintenance.LoadAsync(cancellation);
        if (maintenance.Current is not null)
        {
            context.Note("The service is down for maintenance: jobs wait. End it with: parceler up, or run them meanwhile with: parceler worker --force");
        }
    }
}
