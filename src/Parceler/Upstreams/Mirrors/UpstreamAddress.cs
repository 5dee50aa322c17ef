using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Parceler.Repositories;

namespace Parceler.Upstreams.Mirrors;

/// <summary>The root of an upstream and its credentials, which go to nobody else.</summary>
internal sealed class UpstreamAddress
{
    private readonly AuthenticationHeaderValue? _credentials;

    public UpstreamAddress(MirrorSettings settings)
    {
        var given = new Uri(settings.Url, UriKind.Absolute);
        Root = Bare(given);
        Proxy = settings.Proxy is { } proxy ? new(proxy, UriKind.Absolute) : null;
        if (given.UserInfo.Length > 0)
        {
            var (user, password) = Credentials(given);
            _credentials = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        }
    }

    /// <summary>Ends with '/', and holds no credentials: it can be shown.</summary>
    public Uri Root { get; }

    public Uri? Proxy { get; }

    /// <summary>The address of a path in the tree.</summary>
    public Uri Of(string path)
    {
        var url = new StringBuilder(Root.AbsoluteUri);
        foreach (var part in path.AsSpan().Split('/'))
        {
            url.Append(Uri.EscapeDataString(path[part])).Append('/');
        }

        return new(url.ToString(0, url.Length - 1), UriKind.Absolute);
    }

    /// <summary>For a request to that address; null where it is another host's, port's or scheme's.</summary>
    public AuthenticationHeaderValue? CredentialsFor(Uri url) => url.Scheme == Root.Scheme && url.Host == Root.Host && url.Port == Root.Port ? _credentials : null;

    /// <summary>The proxy with the credentials in its address.</summary>
    public WebProxy? ToWebProxy()
    {
        if (Proxy is null)
        {
            return null;
        }

        var (user, password) = Credentials(Proxy);
        return new(Bare(Proxy)) { Credentials = Proxy.UserInfo.Length > 0 ? new NetworkCredential(user, password) : null };
    }

    private static Uri Bare(Uri url) => new($"{url.Scheme}://{url.Authority}{url.AbsolutePath}", UriKind.Absolute);

    private static (string User, string Password) Credentials(Uri url)
    {
        var parts = url.UserInfo.Split(':', 2);
        return (Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
    }
}
