using Microsoft.Extensions.Configuration;
using Parceler.Netify;

namespace Parceler.App.Configuration;

/// <summary>Reads how Netify is asked: <c>NETIFYD_*</c>. Never names the key.</summary>
internal sealed class NetifySettingsReader(IConfiguration configuration, List<string> faults) : NamedSettings(configuration, faults)
{
    private const int LongestKey = 1024;
    private const int LongestSuffix = 100;

    /// <returns>Null without a key: then machines find nothing there.</returns>
    public NetifySettings? Read()
    {
        var endpoint = Endpoint();
        if (Text("NETIFYD_API_KEY") is not { } key)
        {
            return null;
        }

        if (key.Length > LongestKey || key.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            Faults.Add("NETIFYD_API_KEY: not a key that a header can hold");
        }

        if (Text("NETIFYD_LICENSE_SUFFIX") is { } suffix && (suffix.Length > LongestSuffix || suffix.Any(char.IsControl)))
        {
            Faults.Add($"NETIFYD_LICENSE_SUFFIX: longer than {LongestSuffix} characters, or not one line");
        }

        return new(endpoint, key, Text("NETIFYD_LICENSE_SUFFIX"));
    }

    private Uri Endpoint()
    {
        const string Usual = "https://agents.netify.ai";
        if (Uri.TryCreate(Text("NETIFYD_API_ENDPOINT") ?? Usual, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0)
        {
            return url;
        }

        Faults.Add("NETIFYD_API_ENDPOINT: not an http or https address without a user");
        return new(Usual);
    }
}
