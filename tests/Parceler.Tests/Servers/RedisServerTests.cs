using Parceler.Tests.Support;
using StackExchange.Redis;

namespace Parceler.Tests.Servers;

/// <summary>The Redis of the tests answers, and can be killed.</summary>
[Trait("Speed", "slow")]
public sealed class RedisServerTests
{
    [Fact]
    public async Task It_answers()
    {
        var server = await RedisServer.Shared;
        await using var connection = await ConnectionMultiplexer.ConnectAsync(server.Endpoint);
        var key = RedisServer.NewPrefix() + "greeting";

        await connection.GetDatabase().StringSetAsync(key, "hello");

        ((string?)await connection.GetDatabase().StringGetAsync(key)).Should().Be("hello");
        (await connection.GetDatabase().PingAsync()).Should().BeLessThan(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task One_that_is_killed_is_gone_until_it_is_started_again()
    {
        using var server = await RedisServer.StartAsync();
        await server.KillAsync();

        var connect = () => ConnectionMultiplexer.ConnectAsync(server.Endpoint + ",connectTimeout=1000,connectRetry=1");
        await connect.Should().ThrowAsync<RedisConnectionException>();

        await server.StartAgainAsync();
        await using var connection = await connect();
        (await connection.GetDatabase().PingAsync()).Should().BePositive();
    }
}
