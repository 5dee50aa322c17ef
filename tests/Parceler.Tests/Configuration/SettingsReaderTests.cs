using Microsoft.Extensions.Configuration;
using Npgsql;
using Parceler.App.Configuration;
using Parceler.App.Http;
using Parceler.Database;
using Parceler.Delivery;
using Parceler.Entitlements;

namespace Parceler.Tests.Configuration;

public sealed class SettingsReaderTests
{
    private static readonly Dictionary<string, string?> s_faulty = new()
    {
        ["FILESYSTEM_DISK"] = "ftp",
        ["DB_CONNECTION"] = "mysql",
        ["APP_URL"] = "nowhere",
        ["APP_TIMEZONE"] = "Europe/Nowhere",
        ["SYNC_SCHEDULE"] = "often",
        ["APP_KEY"] = "short",
        ["APP_PREVIOUS_KEYS"] = "base64:AAAA",
        ["ASPNETCORE_URLS"] = "8080",
        ["DELIVERY_GRACE_HOURS"] = "-1",
        ["LICENCE_OUTAGE_GRACE_DAYS"] = "NaN",
        ["ENTERPRISE_ENDPOINT"] = "ftp://licence.example",
        ["COMMUNITY_ENDPOINT"] = "licence.example",
        ["TIERS:gold:Kind"] = "magic",
        ["DELIVERY_DENIED_STATUS"] = "404",
        ["DELIVERY_OFFLOAD"] = "yes",
        ["DELIVERY_LOG"] = "1",
        ["SYNC_SLOTS"] = "none",
        ["AUTHORITY_CONCURRENCY"] = "0",
        ["AUTHORITY_WAIT_S"] = "0",
        ["GUESSES_PER_ID"] = "0",
        ["GUESSES_PER_ADDRESS"] = "many",
        ["DELIVERY_CACHE_MB"] = "-1",
        ["DELIVERY_OPEN_FILES"] = "1",
        ["DELIVERY_CONNECTIONS"] = "1.5",
        ["DELIVERY_REQUESTS"] = "0",
        ["DELIVERY_REQUESTS_PER_MACHINE"] = "0",
        ["DELIVERY_SEND_MB"] = "0",
        ["MEMORY_LIMIT_MB"] = "64",
    };

    private static readonly Dictionary<string, string?> s_server = new()
    {
        ["DB_CONNECTION"] = "pgsql",
        ["DB_HOST"] = "db.example",
        ["DB_PORT"] = "5433",
        ["DB_DATABASE"] = "state",
        ["DB_USERNAME"] = "parceler",
        ["DB_PASSWORD"] = "p@ss:",
        ["DB_SSLMODE"] = "require",
        ["APP_KEY"] = "base64:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    };

    [Fact]
    public void Every_fault_is_named_at_once()
    {
        var read = () => Read(s_faulty);

        var faults = read.Should().Throw<SettingsException>().Which;
        faults.Faults.Select(fault => fault.Split(':')[0]).Should().Equal(s_faulty.Keys.Select(name => name.Replace(":", "__", StringComparison.Ordinal)));
        faults.Message.Should().StartWith("The configuration has 28 faults:\n");
    }

    [Fact]
    public void What_the_service_takes_on_at_once_is_read_in_its_units()
    {
        var settings = Read(new()
        {
            ["AUTHORITY_CONCURRENCY"] = "7",
            ["AUTHORITY_WAIT_S"] = "10",
            ["GUESSES_PER_ID"] = "8",
            ["GUESSES_PER_ADDRESS"] = "9",
            ["DELIVERY_CACHE_MB"] = "10",
            ["DELIVERY_OPEN_FILES"] = "17",
            ["DELIVERY_CONNECTIONS"] = "18",
            ["DELIVERY_REQUESTS"] = "12",
            ["DELIVERY_REQUESTS_PER_MACHINE"] = "13",
            ["DELIVERY_SEND_MB"] = "14",
            ["MEMORY_LIMIT_MB"] = "150",
        });

        settings.Entitlement.Should().Be(new EntitlementLimits(7, AuthorityLimits.Of(TimeSpan.FromSeconds(10)), new(8, 9)));
        settings.OpenBlobs.Should().Be(new OpenBlobLimits(10 << 20, 17));
        settings.Limits.Should().Be(new ServiceLimits(18, 12, 13, 14 << 20, 150 << 20));
        Read([]).Limits.Should().Be(ServiceLimits.Usual);
        Read([]).Entitlement.Authority.Should().Be(new AuthorityLimits());
    }

    [Theory]
    [InlineData(1_000_000, 20_000, 4_000)]
    [InlineData(19_000, 14_040, 4_000)]
    [InlineData(3_000, 1_880, 750)]
    [InlineData(0, 16, 16)]
    public void There_are_no_more_connections_than_the_kernel_allows(long files, int connections, int requests)
    {
        var limits = ServiceLimits.Usual.Within(files);

        (limits.Connections, limits.Requests).Should().Be((connections, requests));
        (limits.Connections * 1.05 + limits.Requests).Should().BeLessThanOrEqualTo(Math.Max(files, 40));
    }

    [Fact]
    public void A_database_server_is_named_part_by_part_or_in_one_address()
    {
        var parts = Read(s_server).Postgres;
        var address = Read(new() { ["DB_CONNECTION"] = "pgsql", ["APP_KEY"] = s_server["APP_KEY"], ["DB_URL"] = "postgres://parceler:p%40ss%3A@db.example:5433/state?sslmode=require" }).Postgres;

        parts.Should().Be(new PostgresAddress("db.example", 5433, "state", "parceler", "p@ss:", SslMode.Require, 10)).And.Be(address);
        $"{parts}".Should().NotContain("p@ss");
        Read([]).Postgres.Should().BeNull();
    }

    [Theory]
    [InlineData("APP_KEY", null)]
    [InlineData("DB_DATABASE", null)]
    [InlineData("DB_USERNAME", null)]
    [InlineData("DB_PORT", "0")]
    [InlineData("DB_SSLMODE", "on")]
    [InlineData("DB_POOL", "none")]
    [InlineData("DB_URL", "mysql://a:s3cret@b/c")]
    public void What_a_database_server_needs_is_named(string name, string? value)
    {
        var read = () => Read(new(s_server) { [name] = value });

        read.Should().Throw<SettingsException>().Which.Faults.Should().ContainSingle().Which.Should().StartWith($"{name}: ").And.NotContain("s3cret");
    }

    [Fact]
    public void Empty_settings_are_as_if_they_were_not_there()
    {
        var settings = Read(s_faulty.Keys.ToDictionary(name => name.Replace("magic", "", StringComparison.Ordinal), string? (name) => name.StartsWith("TIERS", StringComparison.Ordinal) ? "local" : " "));

        settings.SyncSchedule.Should().Be("0 0 * * *");
        settings.AppKey.Should().BeNull();
        settings.ReleaseToken.Should().BeNull();
        settings.Urls.Should().Be("http://127.0.0.1:8080");
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080")]
    [InlineData("http://0.0.0.0:80;http://[::]:80")]
    [InlineData("http://*:8080")]
    [InlineData("http://unix:/run/parceler/parceler.sock")]
    public void Addresses_to_listen_on_may_be_several(string urls) => Read(new() { ["urls"] = urls }).Urls.Should().Be(urls);

    [Theory]
    [InlineData("8080")]
    [InlineData("127.0.0.1:8080")]
    [InlineData("ftp://127.0.0.1:8443")]
    [InlineData("http://127.0.0.1:8080/parceler")]
    [InlineData("http://127.0.0.1:99999")]
    [InlineData("http://127.0.0.1:8080;")]
    public void An_address_that_the_web_server_cannot_listen_on_is_a_fault(string urls)
    {
        var read = () => Read(new() { ["urls"] = urls });

        read.Should().Throw<SettingsException>().Which.Faults.Should().ContainSingle().Which.Should().StartWith("--urls: ");
    }

    [Theory]
    [InlineData("TIERS__gold__Kind", "magic", "https://x.example", null)]
    [InlineData("TIERS__gold__Kind", "1", "https://x.example", null)]
    [InlineData("TIERS__gold__Kind", "+1", "https://x.example", null)]
    [InlineData("TIERS__gold__Kind", "basic,token", "https://x.example", null)]
    [InlineData("TIERS__gold__Kind", null, "https://x.example", null)]
    [InlineData("TIERS__gold__Endpoint", "basic", null, null)]
    [InlineData("TIERS__gold__Endpoint", "token", "x.example", null)]
    [InlineData("TIERS__gold__Ttl", "basic", "https://x.example", "a day")]
    [InlineData("TIERS__gold__Ttl", "basic", "https://x.example", "0")]
    [InlineData("TIERS__gold__Ttl", "basic", "https://x.example", "-1")]
    public void A_fault_of_a_tier_is_named_once(string name, string? kind, string? endpoint, string? ttl)
    {
        var read = () => Read(Tier("gold", kind, endpoint, ttl));

        read.Should().Throw<SettingsException>().Which.Faults.Should().ContainSingle().Which.Should().StartWith(name + ": ");
    }

    [Theory]
    [InlineData("go.ld")]
    [InlineData("a-name-of-more-than-thirty-two-letters")]
    public void A_tier_needs_a_name_that_can_stand_in_a_path(string name)
    {
        var read = () => Read(Tier(name, "local", null, null));

        read.Should().Throw<SettingsException>().Which.Faults.Should().ContainSingle().Which.Should().StartWith($"TIERS__{name}: ");
    }

    [Fact]
    public void Tiers_are_added_and_the_two_that_stand_are_changed()
    {
        var tiers = Read(
            Tier("GOLD", "Basic", "https://gold.example/auth", "90")
                .Concat(Tier("own", "local", null, null))
                .Concat(Tier("Enterprise", null, null, "12:00:00"))
                .ToDictionary()
        ).Tiers;

        tiers.Should().BeEquivalentTo([
            new Tier(TierName.Parse("gold"), TierKind.Basic, new("https://gold.example/auth"), TimeSpan.FromSeconds(90)),
            LocalTier("own"),
            new Tier(TierName.Parse("enterprise"), TierKind.Basic, new("https://my.nethesis.it/auth"), TimeSpan.FromHours(12)),
            new Tier(TierName.Parse("community"), TierKind.Token, new("https://my.nethserver.com/api/machine/info"), TimeSpan.FromDays(1)),
        ]);
    }

    private static Tier LocalTier(string name) => Parceler.Entitlements.Tier.Local(TierName.Parse(name));

    private static Dictionary<string, string?> Tier(string name, string? kind, string? endpoint, string? ttl) =>
        new() { [$"TIERS:{name}:Kind"] = kind, [$"TIERS:{name}:Endpoint"] = endpoint, [$"TIERS:{name}:Ttl"] = ttl };

    private static ParcelerSettings Read(Dictionary<string, string?> settings) => new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()).Read();
}
