using Microsoft.Extensions.DependencyInjection;
using Parceler.Delivery;
using Parceler.Jobs;
using Parceler.Repositories;

namespace Parceler.App.Cli;

/// <summary>For commands that nothing else may go on beside.</summary>
internal static class RunningService
{
    // During maintenance no jobs run; what web servers still note of sessions waits.
    public static async Task RefuseAsync(IServiceProvider services, string why, CancellationToken cancellation)
    {
        var maintenance = services.GetRequiredService<MaintenanceMode>();
        await maintenance.LoadAsync(cancellation);
        var register = services.GetRequiredService<WorkerRegister>();
        string[] alive = [.. await register.AliveAsync(ProcessRoles.Worker, cancellation), .. await register.AliveAsync(ProcessRoles.Web, cancellation)];
        if (maintenance.Current is null && alive.Length > 0)
        {
            throw new RefusedException($"The service runs ({string.Join(", ", alive)}): {why}. Stop it, or take it down: parceler down");
        }
    }
}
