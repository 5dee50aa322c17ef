namespace Parceler.App.Configuration;

/// <summary>Who may see the metrics, and how.</summary>
/// <param name="Token">For <c>GET /metrics</c> on the addresses of the service; null: it is not there.</param>
/// <param name="Urls">Addresses of their own, where no token is asked for.</param>
/// <param name="OpenTelemetry">The settings that begin with OTEL_, whose names are a standard.</param>
internal sealed record TelemetrySettings(string? Token, string? Urls, IReadOnlyDictionary<string, string?> OpenTelemetry)
{
    public const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    public const string MetricsEndpoint = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";

    public bool Pushes => OpenTelemetry.ContainsKey(Endpoint) || OpenTelemetry.ContainsKey(MetricsEndpoint);

    public bool IsScraped => Token is not null || Urls is not null;

    public bool IsOn => IsScraped || Pushes;
}
