using Microsoft.Extensions.Logging.Abstractions;
using Parceler.App.Http;
using Parceler.Tests.Support;

namespace Parceler.Tests.Http;

/// <summary>What happens to connections at their bound.</summary>
public sealed class OpenConnectionsTests
{
    private const string Up = "GET /up HTTP/1.1\r\nHost: x\r\n\r\n";
    private const string File = "GET /repository/enterprise/netsec/hello.txt HTTP/1.1\r\nHost: x\r\n\r\n";
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(1.2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Idle_ones_of_the_address_that_has_most_make_room()
    {
        await using var parceler = await TestParceler.StartAsync(new() { ["DELIVERY_CONNECTIONS"] = "32" });
        var few = await OpenAsync(parceler, "127.0.0.3", 4);
        var many = await OpenAsync(parceler, "127.0.0.2", 28);
        await Task.Delay(s_idle, Cancellation);

        var newcomers = await OpenAsync(parceler, "127.0.0.4", 10);

        await Wait.UntilAsync(() => many.Count(connection => connection.IsClosed()) == 10, "as many were closed");
        few.Concat(newcomers).Should().AllSatisfy(connection => connection.IsClosed().Should().BeFalse());
        many[..10].Should().AllSatisfy(connection => connection.IsClosed().Should().BeTrue(), "those that were idle longest");
        parceler.Get<OpenConnections>().Count.Should().Be(32);
        Dispose(few, many, newcomers);
    }

    [Fact]
    public async Task Who_comes_when_none_is_idle_is_told_to_come_back()
    {
        await using var parceler = await TestParceler.StartAsync(new() { ["DELIVERY_CONNECTIONS"] = "16" });
        var open = await OpenAsync(parceler, "127.0.0.2", 16);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var busy = Task.WhenAll(open.Select(connection => KeepBusyAsync(connection, stop.Token)));

        using var excess = await RawConnection.OpenAsync(parceler.Address, "127.0.0.2");
        await excess.SendAsync(Up + File);
        var (up, _) = await excess.ReadAsync();
        var (status, head) = await excess.ReadAsync();
        await stop.CancelAsync();
        await busy;

        up.Should().Be(200, "the service itself is well");
        status.Should().Be(503);
        head.Should().Contain("\r\nRetry-After: ").And.Contain("\r\nConnection: close").And.Contain("\r\nContent-Length: 0");
        await Wait.UntilAsync(() => excess.IsClosed(), "it is closed");
        Dispose(open);
        await Wait.UntilAsync(() => parceler.Get<OpenConnections>().Count == 0, "nothing is left");
        using var later = await RawConnection.OpenAsync(parceler.Address);
        await later.SendAsync(File);
        (await later.ReadAsync()).Status.Should().Be(401);
    }

    [Fact]
    public async Task Somebody_who_keeps_more_than_a_quarter_busy_gives_way_to_others()
    {
        await using var parceler = await TestParceler.StartAsync(new() { ["DELIVERY_CONNECTIONS"] = "16" });
        var greedy = await OpenAsync(parceler, "127.0.0.2", 16);

        var others = await OpenAsync(parceler, "127.0.0.3", 4);

        greedy.Count(connection => connection.IsClosed()).Should().Be(4);
        others.Should().AllSatisfy(connection => connection.IsClosed().Should().BeFalse());
        Dispose(greedy, others);
    }

    [Fact]
    public async Task A_service_that_needs_too_much_memory_closes_idle_connections_until_it_does_not()
    {
        await using var parceler = await TestParceler.StartAsync();
        var idle = await OpenAsync(parceler, "127.0.0.2", 40);
        await Task.Delay(s_idle, Cancellation);
        var limits = parceler.Get<ServiceLimits>();
        var requests = new LongRequests(limits); // the guard of the service itself looks after those of the service
        var guard = new MemoryGuard(limits, requests, parceler.Get<OpenConnections>(), NullLogger<MemoryGuard>.Instance);

        guard.Look(limits.MemoryBytes + 1);
        var tight = requests.IsTight;
        guard.Look((long)(limits.MemoryBytes * 0.95));
        var stillTight = requests.IsTight;
        guard.Look((long)(limits.MemoryBytes * 0.85));

        (tight, stillTight, requests.IsTight).Should().Be((true, true, false));
        await Wait.UntilAsync(() => idle.Count(connection => connection.IsClosed()) == 3, "a twentieth each time");
        Dispose(idle);
    }

    private static async Task<List<RawConnection>> OpenAsync(TestParceler parceler, string from, int count)
    {
        var open = new List<RawConnection>();
        for (var i = 0; i < count; i++)
        {
            open.Add(await RawConnection.OpenAsync(parceler.Address, from));
            await open[i].SendAsync(Up);
            (await open[i].ReadAsync()).Status.Should().Be(200);
        }

        return open;
    }

    private static async Task KeepBusyAsync(RawConnection connection, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await connection.SendAsync(Up);
            await connection.ReadAsync();
            await Task.Delay(50, CancellationToken.None);
        }
    }

    private static void Dispose(params List<RawConnection>[] connections) => connections.SelectMany(all => all).ToList().ForEach(connection => connection.Dispose());
}
