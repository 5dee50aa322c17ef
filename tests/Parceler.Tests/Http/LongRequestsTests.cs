using Parceler.App.Http;
using Parceler.Entitlements;
using Parceler.Tests.Support;

namespace Parceler.Tests.Http;

/// <summary>How many requests that take their time a machine may have, and all together.</summary>
public sealed class LongRequestsTests
{
    private static readonly ServiceLimits s_limits = ServiceLimits.Usual with { Requests = 20, RequestsPerMachine = 8 };

    [Fact]
    public void One_machine_gets_its_share_and_others_theirs()
    {
        var requests = new LongRequests(s_limits);

        Enter(requests, machine: 1, times: 20).Should().Be(8);
        Enter(requests, machine: 2, times: 1).Should().Be(1);
        requests.Leave(KeyOf(1));

        Enter(requests, machine: 1, times: 20).Should().Be(1, "one of them is over");
        requests.Count.Should().Be(9);
    }

    [Fact]
    public void When_half_of_the_places_are_taken_those_who_have_many_get_no_more()
    {
        var requests = new LongRequests(s_limits);
        Enter(requests, machine: 1, times: 8);
        Enter(requests, machine: 2, times: 8).Should().Be(2, "then ten are taken");

        Enumerable.Range(3, 20).Sum(machine => Enter(requests, machine, times: 3)).Should().Be(10, "each of the others gets one, as long as there are places");
        requests.Count.Should().Be(20);
    }

    [Fact]
    public void Who_left_is_not_remembered()
    {
        var requests = new LongRequests(s_limits);
        for (var machine = 0; machine < 100; machine++)
        {
            Enter(requests, machine, times: 9);
            for (var i = 0; i < 8; i++)
            {
                requests.Leave(KeyOf(machine));
            }
        }

        (requests.Count, requests.Machines).Should().Be((0, 0));
    }

    [Fact]
    public void The_more_there_are_the_less_is_read_ahead_for_each()
    {
        var requests = new LongRequests(s_limits with { Requests = 4000, RequestsPerMachine = 4000, SendBytes = 64 << 20 });
        requests.Piece.Should().Be(512 << 10);
        Enter(requests, machine: 1, times: 500);
        requests.Piece.Should().BeInRange(100 << 10, 140 << 10);
        Enter(requests, machine: 2, times: 500);
        requests.IsTight = true;
        requests.Piece.Should().Be(32 << 10);
    }

    [Fact]
    public async Task A_machine_with_too_many_large_files_under_way_is_told_to_come_back()
    {
        await using var parceler = await TestParceler.StartAsync(new() { ["DELIVERY_REQUESTS_PER_MACHINE"] = "2" });
        parceler.Licences.Allow("M-2", "s3cret");
        parceler.WriteUpstream("netsec", "large.bin", new string('x', 16 << 20));
        parceler.WriteUpstream("netsec", "small.bin", "x");
        await parceler.CreateAsync("netsec");
        using var one = await ReadSlowlyAsync(parceler);
        using var two = await ReadSlowlyAsync(parceler);

        var third = await GetAsync(parceler, "large.bin", TestParceler.Machine, TestParceler.Secret);
        var small = await GetAsync(parceler, "small.bin", TestParceler.Machine, TestParceler.Secret);
        var other = await GetAsync(parceler, "large.bin", "M-2", "s3cret");
        one.Dispose();
        await Wait.UntilAsync(async () => (await GetAsync(parceler, "large.bin", TestParceler.Machine, TestParceler.Secret)).Status == 200, "there is room again");

        third.ShouldBeEmpty(503);
        int.Parse(third["Retry-After"]!, null).Should().BeInRange(10, 60);
        (small.Status, other.Status).Should().Be((200, 200));
    }

    private static async Task<RawConnection> ReadSlowlyAsync(TestParceler parceler)
    {
        var connection = await RawConnection.OpenAsync(parceler.Address, receiveBuffer: 4096);
        await connection.SendAsync($"GET /repository/enterprise/netsec/large.bin HTTP/1.1\r\nHost: x\r\nAuthorization: {RawRequest.Basic(TestParceler.Machine, TestParceler.Secret)}\r\n\r\n");
        await Wait.UntilAsync(() => connection.HasSome(), "the answer begins");
        return connection;
    }

    private static Task<RawAnswer> GetAsync(TestParceler parceler, string path, string id, string secret) =>
        RawRequest.SendAsync(parceler.Address, "GET", $"/repository/enterprise/netsec/{path}", ("Authorization", RawRequest.Basic(id, secret)));

    private static int Enter(LongRequests requests, int machine, int times) => Enumerable.Range(0, times).Count(_ => requests.TryEnter(KeyOf(machine)));

    private static MachineKey KeyOf(int machine)
    {
        Span<byte> bytes = stackalloc byte[MachineKey.Size];
        BitConverter.TryWriteBytes(bytes, machine);
        return new(bytes);
    }
}
