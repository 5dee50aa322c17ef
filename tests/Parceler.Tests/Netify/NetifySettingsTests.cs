using Microsoft.Extensions.Configuration;
using Parceler.App.Configuration;
using Parceler.Tests.Cli;

namespace Parceler.Tests.Netify;

public sealed class NetifySettingsTests
{
    [Theory]
    [InlineData("NETIFYD_API_KEY", "no key\nof one line", "NETIFYD_API_KEY: ")]
    [InlineData("NETIFYD_API_ENDPOINT", "ftp://agents.example", "NETIFYD_API_ENDPOINT: ")]
    [InlineData("NETIFYD_API_ENDPOINT", "https://user:password@agents.example", "NETIFYD_API_ENDPOINT: ")]
    public void Faults_are_told_by_name_and_never_show_the_value(string name, string value, string fault)
    {
        var settings = new Dictionary<string, string?> { ["NETIFYD_API_KEY"] = "k3y", [name] = value };
        var faults = new List<string>();

        new NetifySettingsReader(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), faults).Read();

        faults.Should().ContainSingle().Which.Should().StartWith(fault).And.NotContain(value);
    }

    [Fact]
    public async Task The_key_is_shown_nowhere()
    {
        using var parceler = new TestCommands();
        parceler.Settings["NETIFYD_API_KEY"] = "k3y-of-the-operator";
        parceler.Settings["NETIFYD_LICENSE_SUFFIX"] = "north";

        var shown = await parceler.DoneAsync("config", "check");

        shown.Out.Should().Contain("NETIFYD_API_KEY\t(set)").And.Contain("NETIFYD_LICENSE_SUFFIX\tnorth").And.Contain("NETIFYD_API_ENDPOINT\thttps://agents.netify.ai").And.NotContain("k3y");
    }
}
