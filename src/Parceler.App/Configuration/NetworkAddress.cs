using System.Net;
using System.Net.Sockets;

namespace Parceler.App.Configuration;

/// <summary>An address or a network, such as 10.0.0.7, 10.0.0.0/8 or fd00::/8.</summary>
internal static class NetworkAddress
{
    private const int MappedBits = 96; // ::ffff:10.0.0.0/104 is 10.0.0.0/8

    /// <returns>Null when it is neither; also for a network with bits below its prefix, whose writer meant something else.</returns>
    public static IPNetwork? Parse(string text)
    {
        var slash = text.IndexOf('/');
        if (Address(slash < 0 ? text : text[..slash]) is not { } address)
        {
            return null;
        }

        if (slash < 0)
        {
            return Unmapped(address, address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32);
        }

        return IPNetwork.TryParse(text, out var network) && network.BaseAddress.Equals(address) ? Unmapped(address, network.PrefixLength) : null;
    }

    // The library takes "10.1" for 10.0.0.1, ports, and scopes that no header carries.
    private static IPAddress? Address(string text) =>
        IPAddress.TryParse(text, out var address) && (address.AddressFamily == AddressFamily.InterNetworkV6 ? !text.Contains('%') && !text.Contains('[') : text == address.ToString()) ? address : null;

    private static IPNetwork Unmapped(IPAddress address, int prefix) =>
        address.IsIPv4MappedToIPv6 && prefix >= MappedBits ? new(address.MapToIPv4(), prefix - MappedBits) : new(address, prefix);
}
