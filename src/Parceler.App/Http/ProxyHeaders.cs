using Microsoft.AspNetCore.HttpOverrides;

namespace Parceler.App.Http;

/// <summary>
/// Behind proxies that are trusted, the client's address is the right-most one in <c>X-Forwarded-For</c> that is not such a
/// proxy itself: what stands left of it was written by the client.
/// </summary>
internal static class ProxyHeaders
{
    public static void UseProxyHeaders(this WebApplication app, IReadOnlyList<System.Net.IPNetwork> trusted)
    {
        if (trusted.Count == 0)
        {
            return; // the library would trust everybody
        }

        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        options.KnownProxies.Clear(); // the machine itself, unless it is named
        options.KnownIPNetworks.Clear();
        foreach (var network in trusted)
        {
            options.KnownIPNetworks.Add(network);
        }

        app.UseForwardedHeaders(options);
    }
}
