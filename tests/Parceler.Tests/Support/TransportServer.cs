using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Parceler.App.Transport;

namespace Parceler.Tests.Support;

/// <summary>A web server on the connections of the service, with one answer for all requests; plain, encrypted, or at a path.</summary>
internal sealed class TransportServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TransportServer(WebApplication app) => _app = app;

    public int Port => new Uri(_app.Urls.First()).Port;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<TransportServer> StartAsync(RequestDelegate answer, bool tls = false, string? path = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrel(kestrel => Listen(kestrel, tls, path));
        builder.Services.AddSingleton<IConnectionListenerFactory, ListenerFactory>();
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync(Cancellation);
        return new(app);
    }

    public async Task<Socket> ConnectAsync(int receiveBuffer = 0)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (receiveBuffer > 0)
        {
            socket.ReceiveBufferSize = receiveBuffer;
        }

        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port), Cancellation);
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }

    private static void Listen(KestrelServerOptions kestrel, bool tls, string? path)
    {
        if (path is not null)
        {
            kestrel.ListenUnixSocket(path);
        }
        else if (tls)
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(Certificate()));
        }
        else
        {
            kestrel.Listen(IPAddress.Loopback, 0);
        }
    }

    private static X509Certificate2 Certificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
    }
}
