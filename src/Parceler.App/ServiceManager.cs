using Microsoft.Extensions.Hosting.Systemd;

namespace Parceler.App;

/// <summary>
/// Tells systemd, or whatever else gave the process a socket for it, when the service is ready and when it ends. The library's own
/// UseSystemd looks at the parent process first, which a hardened unit (ProtectProc) does not let it see.
/// </summary>
internal static class ServiceManager
{
    private const string Socket = "NOTIFY_SOCKET";

    public static IServiceCollection AddServiceManager(this IServiceCollection services) =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Socket))
            ? services
            : services.AddSingleton<ISystemdNotifier, SystemdNotifier>().AddSingleton<IHostLifetime, SystemdLifetime>();
}
