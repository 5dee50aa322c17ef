using Microsoft.Extensions.Logging;

namespace Parceler.Netify;

/// <summary>What NetifyD on machines asks for: licences and catalogues, from the Netify API with the key of the operator.</summary>
internal sealed class NetifyProxy(NetifySettings settings, NetifyClient client, NetifyCache cache, TimeProvider clock, ILogger<NetifyProxy> log)
{
    private readonly LicenceSource _community = new(client, Label("NethSecurity Community Edition", settings), clock, log);
    private readonly LicenceSource _enterprise = new(client, Label("NethSecurity Enterprise Edition", settings), clock, log);
    private readonly Dictionary<string, CatalogueSource> _catalogues = Catalogues.ToDictionary(what => what, what => new CatalogueSource(client, what, clock), StringComparer.Ordinal);

    public static IReadOnlyList<string> Catalogues { get; } = ["applications/catalog", "applications/categories", "protocols/catalog", "protocols/categories"];

    /// <summary>For anybody.</summary>
    public ValueTask<NetifyAnswer?> OpenLicenceAsync(CancellationToken cancellation) => cache.FindAsync(_community, cancellation);

    /// <summary>For machines with a subscription, whatever their tier.</summary>
    public ValueTask<NetifyAnswer?> SubscribersLicenceAsync(CancellationToken cancellation) => cache.FindAsync(_enterprise, cancellation);

    public ValueTask<NetifyAnswer?> CatalogueAsync(string what, CancellationToken cancellation) => cache.FindAsync(_catalogues[what], cancellation);

    private static string Label(string label, NetifySettings settings) => settings.Suffix is { } suffix ? $"{label} {suffix}" : label;
}
