using Microsoft.Extensions.Configuration;
using Parceler.App.Configuration;

namespace Parceler.Tests.Configuration;

public sealed class NetworkAddressTests
{
    [Theory]
    [InlineData("10.0.0.7", "10.0.0.7/32")]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("fd00::/8", "fd00::/8")]
    [InlineData("2001:db8::1", "2001:db8::1/128")]
    [InlineData("::ffff:10.0.0.0/104", "10.0.0.0/8")]
    [InlineData("::ffff:10.0.0.7", "10.0.0.7/32")]
    public void An_address_or_a_network_is_read(string text, string network) => NetworkAddress.Parse(text).ToString().Should().Be(network);

    [Theory]
    [InlineData("10.0.0.7/8")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.1")]
    [InlineData("010.0.0.1")]
    [InlineData("proxy.example")]
    [InlineData("*")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[::1]:80")]
    [InlineData("10.0.0.7:80")]
    [InlineData("fd00::1/8")]
    public void What_is_neither_is_a_fault(string text)
    {
        var read = () => Read($"127.0.0.1, {text}");

        read.Should().Throw<SettingsException>().Which.Faults.Should().ContainSingle().Which.Should().StartWith($"TRUSTED_PROXIES: '{text}' is no address or network");
    }

    [Fact]
    public void Several_are_set_apart_by_commas() => Read("127.0.0.1, ::1,fd00::/8").TrustedProxies.Select(network => $"{network}").Should().Equal("127.0.0.1/32", "::1/128", "fd00::/8");

    private static ParcelerSettings Read(string proxies) =>
        new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection([new("TRUSTED_PROXIES", proxies)]).Build()).Read();
}
