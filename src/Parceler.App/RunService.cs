using Microsoft.Extensions.Logging.Console;
using Parceler.App.Configuration;
using Parceler.App.Http;
using Parceler.App.Telemetry;

namespace Parceler.App;

/// <summary>A process of the service: composes the parts of its roles and runs until it is told to end.</summary>
internal static class RunService
{
    private static readonly TimeSpan s_endsWithin = TimeSpan.FromSeconds(9); // running downloads finish, running jobs are handed back

    public static async Task<int> RunAsync(ParcelerSettings settings, Roles roles, bool ignoresMaintenance, CancellationToken cancellation)
    {
        await using var app = await BuildAsync(settings, roles, ignoresMaintenance, TimeProvider.System, logging => LogToConsole(logging, settings.JsonLog), cancellation);
        await StartAsync(app, cancellation);
        Started(app, roles);
        await app.WaitForShutdownAsync(cancellation);
        return 0;
    }

    /// <summary>Composed, with its database and its storage checked; not started.</summary>
    public static async Task<WebApplication> BuildAsync(
        ParcelerSettings settings,
        Roles roles,
        bool ignoresMaintenance,
        TimeProvider clock,
        Action<ILoggingBuilder> logging,
        CancellationToken cancellation
    )
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddServiceManager();
        logging(builder.Logging);
        builder.Services.AddParceler(settings, clock).AddSingleton(roles).AddSingleton(new WorkerOptions(settings.SyncSlots, ignoresMaintenance));
        builder.Services.Configure<HostOptions>(host =>
        {
            host.ShutdownTimeout = s_endsWithin;
            host.ServicesStopConcurrently = true; // a download that takes all that time must leave some to the jobs
        });
        builder.Services.AddHostedService<BackgroundWork>();
        builder.AddTelemetry(settings, roles);
        if (roles.Web)
        {
            builder.AddWeb(settings);
        }
        else
        {
            builder.WebHost.UseServer(new NoServer());
        }

        var app = builder.Build();
        await app.Services.PrepareAsync(cancellation);
        if (roles.Web)
        {
            app.MapWeb();
        }

        return app;
    }

    // When the address is taken, what has begun already has to end before its parts are disposed.
    private static async Task StartAsync(WebApplication app, CancellationToken cancellation)
    {
        try
        {
            await app.StartAsync(cancellation);
        }
        catch
        {
            await app.StopAsync(CancellationToken.None);
            throw;
        }
    }

    private static void LogToConsole(ILoggingBuilder logging, bool json)
    {
        logging.Services.AddSingleton<ConsoleFormatter, LogLine>();
        logging
            .AddJsonConsole(console => (console.TimestampFormat, console.UseUtcTimestamp) = ("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", true))
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None) // it writes no line of ours, and makes an activity and a scope for each request
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.Critical) // a start that fails is told once, by the command line
            .AddFilter("Polly", LogLevel.Error)
            .AddFilter("System.Net.Http", LogLevel.Error)
            .AddConsole(console => console.FormatterName = json ? ConsoleFormatterNames.Json : LogLine.FormatName);
    }

    private static void Started(WebApplication app, Roles roles)
    {
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Parceler");
        ServiceLog.Started(log, roles, roles.Web ? string.Join(", ", app.Urls) : "no address");
        if (roles.Web && app.Services.GetRequiredService<ParcelerSettings>().Tls is not null && !app.Urls.Any(ListenAddress.IsTls))
        {
            ServiceLog.WithoutTls(log);
        }
    }
}

internal static partial class ServiceLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Parceler runs as {Roles} on {Addresses}")]
    public static partial void Started(ILogger log, Roles roles, string addresses);

    [LoggerMessage(Level = LogLevel.Warning, Message = "TLS_CERTIFICATE is set, but no address in ASPNETCORE_URLS begins with https: nothing is encrypted")]
    public static partial void WithoutTls(ILogger log);
}
