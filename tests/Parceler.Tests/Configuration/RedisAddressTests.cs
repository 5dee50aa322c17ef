using Parceler.Entitlements;

namespace Parceler.Tests.Configuration;

public sealed class RedisAddressTests
{
    [Theory]
    [InlineData("redis://localhost", "redis://localhost:6379/0")]
    [InlineData("redis://:p%40ss@cache.example:6380/2", "redis://cache.example:6380/2")]
    [InlineData("rediss://user:secret@cache.example", "rediss://cache.example:6379/0")]
    public void An_address_is_read_and_never_tells_its_password(string text, string said)
    {
        RedisAddress.TryParse(text, out var address).Should().BeTrue();

        address!.ToString().Should().Be(said);
        address.Password.Should().Be(text.Contains("p%40ss", StringComparison.Ordinal) ? "p@ss" : text.Contains("secret", StringComparison.Ordinal) ? "secret" : null);
    }

    [Theory]
    [InlineData("localhost:6379")]
    [InlineData("http://localhost")]
    [InlineData("redis://localhost/zero")]
    [InlineData("redis://")]
    public void What_is_no_address_is_refused(string text) => RedisAddress.TryParse(text, out _).Should().BeFalse();
}
