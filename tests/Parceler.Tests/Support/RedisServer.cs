namespace Parceler.Tests.Support;

/// <summary>A real Redis (<c>tests/servers/redis.sh</c>). One for all tests, started by the first that asks; a test that kills it starts one of its own.</summary>
internal sealed class RedisServer : IDisposable
{
    private static readonly Lazy<Task<RedisServer>> s_shared = new(StartAsync);
    private readonly ServerScript _server;

    private RedisServer(ServerScript server) => _server = server;

    public static Task<RedisServer> Shared => s_shared.Value;

    /// <summary>As <c>REDIS_URL</c> has it.</summary>
    public string Url => _server.Said["REDIS_URL"];

    /// <summary>As the client library wants it.</summary>
    public string Endpoint => new Uri(Url).Authority;

    public static async Task<RedisServer> StartAsync() => new(await ServerScript.StartAsync("redis"));

    /// <summary>What the keys of one test begin with.</summary>
    public static string NewPrefix() => $"test-{Guid.NewGuid():n}:";

    public Task KillAsync() => _server.KillAsync();

    public Task StartAgainAsync() => _server.StartAgainAsync();

    public void Dispose() => _server.Dispose();
}
