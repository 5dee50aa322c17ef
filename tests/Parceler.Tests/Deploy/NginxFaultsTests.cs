using Parceler.Delivery;
using Parceler.Tests.Support;

namespace Parceler.Tests.Deploy;

/// <summary>What machines see through nginx when a node, or all of them, do not answer; and what is written down about it.</summary>
[Trait("Speed", "slow")]
public sealed class NginxFaultsTests : IAsyncLifetime
{
    private const string Target = "/repository/enterprise/netsec/small+1~2.ipk";
    private readonly FrontedParceler _fronted = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _fronted.InitializeAsync();

    public ValueTask DisposeAsync() => _fronted.DisposeAsync();

    [Fact]
    public async Task A_busy_service_tells_when_to_come_again()
    {
        var maintenance = _fronted.Parceler.Get<MaintenanceMode>();
        await maintenance.BeginAsync(new(321, null, null, null, _fronted.Parceler.Clock.GetUtcNow()), Cancellation);
        await _fronted.Parceler.SettleAsync();
        await _fronted.Other.SettleAsync();

        var answer = await SendAsync();

        answer.Status.Should().Be(503);
        answer["Retry-After"].Should().Be("321");
        answer.Body.Should().BeEmpty();
    }

    [Fact]
    public async Task One_node_is_enough_and_without_any_a_machine_is_told_to_come_again()
    {
        await _fronted.StopOtherAsync();
        for (var request = 0; request < 20; request++)
        {
            (await SendAsync($"machine-{request}")).Status.Should().Be(403, "it is a stranger, whose node may be the one that is gone");
        }

        await _fronted.StopAsync();
        var answer = await SendAsync();

        answer.Status.Should().Be(503);
        answer["Retry-After"].Should().Be("60");
        answer.Body.Should().BeEmpty();
    }

    [Fact]
    public async Task Secrets_are_not_written_down()
    {
        (await SendAsync()).Status.Should().Be(200);
        await SendAsync("stranger");
        await RawRequest.SendAsync(_fronted.Nginx.Address, "GET", "/" + new string('x', 40_000), ("Authorization", RawRequest.Basic(TestParceler.Machine, TestParceler.Secret)));
        await _fronted.StopAsync();
        (await SendAsync()).Status.Should().Be(503);
        await _fronted.Nginx.StopAsync();

        _fronted.Logs.Should().Contain($"{TestParceler.Machine} [").And.Contain("connect() failed");
        _fronted.Logs.Should().NotContain(TestParceler.Secret).And.NotContain(RawRequest.Basic(TestParceler.Machine, TestParceler.Secret)["Basic ".Length..]);
    }

    private Task<RawAnswer> SendAsync(string machine = TestParceler.Machine) =>
        RawRequest.SendAsync(_fronted.Nginx.Address, "GET", Target, ("Authorization", RawRequest.Basic(machine, TestParceler.Secret)));
}
