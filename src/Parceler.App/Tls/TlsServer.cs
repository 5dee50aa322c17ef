using System.Security.Authentication;

namespace Parceler.App.Tls;

/// <summary>TLS for the addresses that begin with https; by ALPN these speak HTTP/2 too.</summary>
internal static class TlsServer
{
    public static void AddTls(this WebApplicationBuilder builder, TlsFiles? files)
    {
        if (files is null)
        {
            return;
        }

        builder.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<ServedCertificate>(services, files));
        builder.Services.AddHostedService(services => services.GetRequiredService<ServedCertificate>());
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            var served = kestrel.ApplicationServices.GetRequiredService<ServedCertificate>();
            kestrel.ConfigureHttpsDefaults(https =>
            {
                https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
                https.ServerCertificateSelector = (_, _) => served.Certificate; // so that the server takes none once and for all
                https.OnAuthenticate = (_, options) =>
                {
                    options.ServerCertificateSelectionCallback = null;
                    options.ServerCertificateContext = served.Context;
                };
            });
        });
    }
}
