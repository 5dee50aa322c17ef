using System.Net;
using Parceler.App.Configuration;
using Parceler.Tests.Support;

namespace Parceler.Tests.Configuration;

public sealed class AppKeyTests
{
    [Fact]
    public async Task A_key_is_made_at_the_first_start_for_the_service_alone_and_used_again()
    {
        await using var parceler = await TestParceler.StartAsync();
        var file = Path.Combine(parceler.StorageFolder, "app.key");
        var made = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);

        await parceler.RestartAsync();

        made.Should().StartWith("base64:");
        File.GetUnixFileMode(file).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Should().Be(made);
        Directory.GetFiles(parceler.StorageFolder, "app.key*").Should().ContainSingle();
    }

    [Fact]
    public async Task A_configured_key_goes_before_the_kept_one()
    {
        await using var parceler = await TestParceler.StartAsync(new() { ["APP_KEY"] = AppKey.Generate() });

        File.Exists(Path.Combine(parceler.StorageFolder, "app.key")).Should().BeFalse();
    }

    [Theory]
    [InlineData(true, HttpStatusCode.OK)]
    [InlineData(false, HttpStatusCode.ServiceUnavailable)]
    public async Task What_was_allowed_under_an_earlier_key_stays_known_as_long_as_that_key_is_named(bool isNamed, HttpStatusCode expected)
    {
        var (old, later) = (AppKey.Generate(), AppKey.Generate());
        await using var parceler = await TestParceler.StartAsync(new() { ["APP_KEY"] = old });
        parceler.WriteUpstream("netsec", "Packages", "good");
        await parceler.CreateAsync("netsec");
        await parceler.ReadAsync("netsec", "Packages");

        await parceler.RestartAsync(("APP_KEY", later), ("APP_PREVIOUS_KEYS", isNamed ? $"{AppKey.Generate()},{old}" : null));
        parceler.Licences.Everybody = new(500);

        using var client = parceler.Client();
        using var answer = await client.GetAsync("/repository/enterprise/netsec/Packages", TestContext.Current.CancellationToken);
        answer.StatusCode.Should().Be(expected);
    }

    [Theory]
    [InlineData("base64:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", true)]
    [InlineData("0123456789abcdef0123456789abcdef", true)]
    [InlineData("0123456789abcdef", false)]
    [InlineData("base64:MDEyMzQ1Njc4OWFiY2Rl", false)]
    [InlineData("base64:not base64 at all, but long", false)]
    public void A_key_has_to_be_long_enough(string text, bool isKey) => (AppKey.Parse(text) is not null).Should().Be(isKey);
}
