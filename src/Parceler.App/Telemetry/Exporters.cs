using System.Reflection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Parceler.App.Configuration;
using Parceler.App.Http;
using Parceler.Entitlements;
using Parceler.Jobs;
using Parceler.Storage;

namespace Parceler.App.Telemetry;

/// <summary>Who gets the metrics: whoever scrapes them, a collector that they are pushed to, or nobody, and then nothing is measured.</summary>
internal static class Exporters
{
    private static readonly string[] s_own = [DownloadCounts.Meter, AuthorityInstruments.Meter, JobInstruments.Meter, StorageInstruments.Meter, ServiceGauges.Meter];

    // Of what the runtime and the web server measure, what an operator of this service can use. What the web server measures of each
    // request takes labels every time, and says less than ours.
    private static readonly HashSet<string> s_others =
    [
        "dotnet.process.cpu.time", "dotnet.process.memory.working_set", "dotnet.gc.collections", "dotnet.gc.pause.time", "dotnet.gc.last_collection.heap.size",
        "kestrel.active_connections", "kestrel.rejected_connections", "kestrel.active_tls_handshakes",
    ];

    public static void AddTelemetry(this WebApplicationBuilder builder, ParcelerSettings settings, Roles roles)
    {
        var telemetry = settings.Telemetry;
        if (!telemetry.IsOn)
        {
            return;
        }

        builder.Configuration.AddInMemoryCollection(telemetry.OpenTelemetry); // the library reads them itself
        builder.Services.AddSingleton<RepositoryWatch>().AddHostedService(services => services.GetRequiredService<RepositoryWatch>()).AddHostedService<ServiceGauges>();
        builder.Services.AddOpenTelemetry().ConfigureResource(resource => Describe(resource, roles)).WithMetrics(metrics =>
        {
            metrics.AddMeter(s_own).AddMeter("System.Runtime", "Microsoft.AspNetCore.Server.Kestrel");
            metrics.AddView(instrument => s_own.Contains(instrument.Meter.Name) || s_others.Contains(instrument.Name) ? null : MetricStreamConfiguration.Drop);
            if (telemetry.IsScraped)
            {
                metrics.AddPrometheusExporter(prometheus => prometheus.ScopeInfoEnabled = false);
            }

            if (telemetry.Pushes)
            {
                metrics.AddOtlpExporter();
            }
        });
        if (telemetry.Urls is { } urls)
        {
            builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<MetricsServer>(services, urls));
        }
    }

    private static void Describe(ResourceBuilder resource, Roles roles)
    {
        var version = typeof(Exporters).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        resource.AddService("parceler", serviceVersion: version, serviceInstanceId: $"{Environment.MachineName} {roles}").AddEnvironmentVariableDetector(); // OTEL_RESOURCE_ATTRIBUTES says it better
    }
}
