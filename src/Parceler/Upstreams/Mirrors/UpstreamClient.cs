using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Parceler.Upstreams.Mirrors;

/// <summary>
/// Asks one upstream. Blocks its caller: a thread that waits for the one transfer that it is at takes half the processor time of
/// one that is woken for each part of it (docs/decisions/0015-native-mirrors.md).
/// </summary>
internal sealed class UpstreamClient : IDisposable
{
    private const int MostDrained = 64 << 10; // of answers that nobody wants, so that their connection is used again
    private readonly ConcurrentDictionary<Socket, bool> _sockets = new();
    private readonly HttpMessageInvoker _http;
    private readonly UpstreamAddress _address;
    private readonly FetchOptions _options;
    private volatile bool _aborted;

    public UpstreamClient(UpstreamAddress address, FetchOptions options)
    {
        _address = address;
        _options = options;
        _http = new(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false, // it would take credentials along
                UseCookies = false,
                AutomaticDecompression = DecompressionMethods.None,
                Proxy = address.ToWebProxy(),
                UseProxy = address.Proxy is not null,
                PreAuthenticate = true, // the proxy alone: upstream's are sent by ourselves
                MaxConnectionsPerServer = options.Connections,
                MaxResponseDrainSize = MostDrained,
                ConnectTimeout = options.ConnectTime,
                PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
                ConnectCallback = ConnectAsync,
            }
        );
    }

    /// <summary>Sends a GET and follows redirects; the head of the answer has come.</summary>
    /// <exception cref="MirrorException"/>
    public HttpResponseMessage Get(Uri url, Action<HttpRequestMessage> prepare, CancellationToken cancellation)
    {
        for (var hops = 0; hops <= _options.Redirects; hops++)
        {
            var response = Send(url, prepare, cancellation);
            if (response.StatusCode is not (HttpStatusCode.Moved or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect))
            {
                return response;
            }

            using (response)
            {
                url = Target(url, response.Headers.Location);
            }
        }

        throw new MirrorException($"{url} is more than {_options.Redirects} redirects away");
    }

    /// <summary>Ends all transfers at once.</summary>
    public void Abort()
    {
        _aborted = true;
        foreach (var socket in _sockets.Keys)
        {
            socket.Dispose();
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        Abort();
    }

    private HttpResponseMessage Send(Uri url, Action<HttpRequestMessage> prepare, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.TryAddWithoutValidation("User-Agent", "Parceler");
        request.Headers.Authorization = _address.CredentialsFor(url);
        prepare(request);
        try
        {
            return _http.Send(request, cancellation);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new PassingException($"{url} gave no answer in time", cause: e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or ObjectDisposedException)
        {
            cancellation.ThrowIfCancellationRequested();
            throw Failed(url, e);
        }
    }

    // What is wrong with a certificate does not pass; a connection that ends while it is made secret may be one of a server that restarts.
    private static MirrorException Failed(Uri url, Exception e) =>
        e is HttpRequestException { InnerException: AuthenticationException cause }
            ? new MirrorException($"{url} can't be asked: {Plain(cause)}", e)
            : new PassingException($"{url} can't be asked: {e.InnerException?.Message ?? e.Message}", cause: e);

    private static string Plain(AuthenticationException e) =>
        e.InnerException is { } cause ? $"{e.Message.TrimEnd('.').Replace(", see inner exception", "", StringComparison.Ordinal)}: {cause.Message}"
        : e.Message + ". If an authority of your own made it: add that one's certificate to those that this machine trusts, or name its file in SSL_CERT_FILE";

    /// <summary>Where a redirect leads.</summary>
    /// <exception cref="MirrorException"/>
    internal static Uri Target(Uri from, Uri? location)
    {
        if (location is null || !Uri.TryCreate(from, location, out var to) || to.Scheme is not ("http" or "https"))
        {
            throw new MirrorException($"{from} redirects to nowhere");
        }

        var bare = new Uri($"{to.Scheme}://{to.Authority}{to.PathAndQuery}", UriKind.Absolute); // credentials in a redirect are not ours
        return from.Scheme == "https" && to.Scheme == "http"
            ? throw new MirrorException($"{from} redirects to {bare}, which is not encrypted: refused. If that is meant, give the http address as the upstream")
            : bare;
    }

    // A thread of its own: a blocking connect keeps the socket a blocking one, and must not take a thread of the web server's.
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = await Task.Factory.StartNew(() => Connect(context.DnsEndPoint, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _sockets.TryAdd(socket, true);
        if (_aborted)
        {
            socket.Dispose();
        }

        return new NetworkStream(socket, ownsSocket: true);
    }

    private Socket Connect(DnsEndPoint to, CancellationToken cancellation)
    {
        var timeout = (int)_options.Silence.TotalMilliseconds;
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = timeout, SendTimeout = timeout };
        try
        {
            using var _ = cancellation.UnsafeRegister(static socket => ((Socket)socket!).Dispose(), socket);
            socket.Connect(to);
            return socket;
        }
        catch
        {
            socket.Dispose();
            cancellation.ThrowIfCancellationRequested();
            throw;
        }
    }
}
