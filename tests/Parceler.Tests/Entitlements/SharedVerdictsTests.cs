using Microsoft.Extensions.Logging;
using Parceler.Entitlements;
using Parceler.Tests.Support;

namespace Parceler.Tests.Entitlements;

/// <summary>Several web servers ask an authority once for a machine, whichever of them it comes to.</summary>
public sealed class SharedVerdictsTests : IAsyncDisposable
{
    private readonly List<IDisposable> _opened = [];
    private readonly LogLines _log = new();
    private readonly ILoggerFactory _logs;
    private Entitled _entitled = null!;

    public SharedVerdictsTests() => _logs = LoggerFactory.Create(logs => logs.AddProvider(_log));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_machine_costs_one_call_at_whichever_servers_it_asks(bool inRedis)
    {
        var (first, second) = await StartAsync(inRedis ? await RedisServer.Shared : null);
        _entitled.Server.Allow("M-1", "s3cret");

        (await DecideAsync(first)).Should().BeOfType<Verdict.Allowed>();
        (await DecideAsync(second)).Should().BeOfType<Verdict.Allowed>();

        _entitled.Server.Calls.Should().HaveCount(1);
    }

    [Fact]
    public async Task A_renewal_is_one_call_for_all()
    {
        var (first, second) = await StartAsync(null);
        _entitled.Server.Allow("M-1", "s3cret");
        await DecideAsync(first);
        await DecideAsync(second);

        _entitled.Pass(TimeSpan.FromDays(1.7)); // of two
        foreach (var server in new[] { first, second })
        {
            await DecideAsync(server);
            await server.FlushAsync(Cancellation);
        }

        _entitled.Server.Calls.Should().HaveCount(2);
    }

    [Fact]
    [Trait("Speed", "slow")]
    public async Task Denials_are_shared_in_redis_and_without_it_the_database_serves()
    {
        using var redis = await RedisServer.StartAsync();
        var (first, second) = await StartAsync(redis);
        (await DecideAsync(first)).Should().BeOfType<Verdict.Denied>();
        (await DecideAsync(second)).Should().BeOfType<Verdict.Denied>();
        _entitled.Server.Calls.Should().HaveCount(1);
        await redis.KillAsync();

        for (var number = 0; number < 5; number++)
        {
            _entitled.Server.Allow($"N-{number}", "s3cret");
            (await DecideAsync(first, $"N-{number}")).Should().BeOfType<Verdict.Allowed>();
            (await DecideAsync(second, $"N-{number}")).Should().BeOfType<Verdict.Allowed>();
        }

        _entitled.Server.Calls.Should().HaveCount(6);
        _log.Lines.Where(line => line.Contains("can't be shared", StringComparison.Ordinal)).Should().HaveCount(2, "each server says it once");
        _log.Lines.Should().NotContain(line => line.Contains("s3cret", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        _opened.ForEach(opened => opened.Dispose());
        _logs.Dispose();
        await _entitled.DisposeAsync();
    }

    private async Task<(EntitlementCheck First, EntitlementCheck Second)> StartAsync(RedisServer? redis)
    {
        _entitled = await Entitled.StartAsync();
        RedisAddress? address = null;
        if (redis is not null)
        {
            RedisAddress.TryParse($"{redis.Url}?prefix={RedisServer.NewPrefix()}", out address).Should().BeTrue();
        }

        return (Open(address), Open(address));
    }

    private EntitlementCheck Open(RedisAddress? address)
    {
        var redis = address is null ? null : new RedisVerdicts(address, _entitled.Options, _entitled.Store.Clock);
        var check = new EntitlementCheck(_entitled.Options, _entitled.Store.Db, _entitled.Machines, _entitled.Store.Clock, _logs, redis);
        check.Exchange.HasOthers = () => true;
        _opened.Add(check);
        if (redis is not null)
        {
            _opened.Add(redis);
        }

        return check;
    }

    private static async Task<Verdict> DecideAsync(EntitlementCheck check, string id = "M-1")
    {
        var (tier, credentials) = (check.FindTier(TierName.Parse("enterprise"))!, Credentials.Of(id, "s3cret"));
        return await check.DecideAsync(tier, credentials, default, Cancellation);
    }
}
