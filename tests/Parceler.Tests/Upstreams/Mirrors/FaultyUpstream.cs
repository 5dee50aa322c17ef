using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Parceler.Tests.Support;

namespace Parceler.Tests.Upstreams.Mirrors;

/// <summary>A web server that serves a folder with conditions, ranges and listing pages, until the test says what goes wrong.</summary>
internal sealed class FaultyUpstream : IAsyncDisposable
{
    private readonly WebApplication _site;
    private readonly string _folder;

    private FaultyUpstream(string folder, TestCertificates? certificates)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => Encrypt(listen, certificates)));
        _folder = folder;
        _site = builder.Build();
        _site.Run(AnswerAsync);
    }

    /// <summary>Stands before the answer; calls what it is given to let it be sent.</summary>
    public Func<HttpContext, Func<Task>, Task>? Fault { get; set; }

    public bool Lists { get; set; } = true;

    public ConcurrentQueue<(string Path, int Status, IHeaderDictionary Headers)> Requests { get; } = new();

    public string Address => _site.Urls.Single();

    /// <summary>How often each path was asked for since the last call.</summary>
    public List<string> TakeRequests()
    {
        var requests = Requests.Select(request => $"{request.Path} {request.Status}").Order(StringComparer.Ordinal).ToList();
        Requests.Clear();
        return requests;
    }

    /// <param name="certificates">With the one that they serve, it speaks https.</param>
    public static async Task<FaultyUpstream> StartAsync(string folder, TestCertificates? certificates = null)
    {
        var upstream = new FaultyUpstream(folder, certificates);
        await upstream._site.StartAsync(TestContext.Current.CancellationToken);
        return upstream;
    }

    public string TagOf(string path) => TagOf(new FileInfo(Path.Combine(_folder, path)));

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    /// <summary>Sends until the client has enough; returns how many bytes.</summary>
    public static async Task<long> EndlessAsync(HttpContext http)
    {
        var part = new byte[1 << 16];
        long sent = 0;
        while (!(await http.Response.BodyWriter.WriteAsync(part)).IsCompleted)
        {
            sent += part.Length;
        }

        return sent;
    }

    private static void Encrypt(ListenOptions listen, TestCertificates? certificates)
    {
        if (certificates is not null)
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificates.Certificate);
            listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = X509Certificate2.CreateFromPemFile(certificates.Certificate, certificates.Key),
                ServerCertificateChain = chain,
            });
        }
    }

    private async Task AnswerAsync(HttpContext http)
    {
        IHeaderDictionary headers = new HeaderDictionary(http.Request.Headers.ToDictionary(StringComparer.OrdinalIgnoreCase));
        try
        {
            await (Fault is { } fault ? fault(http, () => ServeAsync(http)) : ServeAsync(http));
        }
        finally
        {
            Requests.Enqueue((http.Request.Path.Value!, http.Response.StatusCode, headers));
        }
    }

    private Task ServeAsync(HttpContext http)
    {
        var path = http.Request.Path.Value!.TrimStart('/');
        var file = new FileInfo(Path.Combine(_folder, path));
        return file.Exists ? SendAsync(http, file)
            : Lists && (path.Length == 0 || path.EndsWith('/')) && Directory.Exists(file.FullName) ? Results.Content(ListingOf(file.FullName), "text/html").ExecuteAsync(http)
            : Results.NotFound().ExecuteAsync(http);
    }

    private static Task SendAsync(HttpContext http, FileInfo file) =>
        Results.File(file.FullName, "application/octet-stream", lastModified: file.LastWriteTimeUtc, entityTag: new(TagOf(file)), enableRangeProcessing: true).ExecuteAsync(http);

    private static string TagOf(FileInfo file) => $"\"{file.LastWriteTimeUtc.Ticks:x}-{file.Length:x}\"";

    // as nginx writes it
    private static string ListingOf(string folder)
    {
        var page = new StringBuilder("<html><head><title>Index of /</title></head><body><h1>Index of /</h1><hr><pre><a href=\"../\">../</a>\r\n");
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            var slash = entry is DirectoryInfo ? "/" : "";
            var size = entry is FileInfo file ? file.Length.ToString(CultureInfo.InvariantCulture) : "-";
            page.Append(CultureInfo.InvariantCulture, $"<a href=\"{Uri.EscapeDataString(entry.Name)}{slash}\">{entry.Name}{slash}</a>   {entry.LastWriteTimeUtc:dd-MMM-yyyy HH:mm}   {size}\r\n");
        }

        return page.Append("</pre><hr></body></html>").ToString();
    }
}
