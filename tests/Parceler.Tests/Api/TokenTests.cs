using Parceler.Database;
using Parceler.Operators;
using Parceler.Tests.Support;

namespace Parceler.Tests.Api;

/// <summary>Programs show a token; what it may, how long, and that nobody reads it in the database.</summary>
public class TokenTests : IAsyncLifetime
{
    private TestParceler _parceler = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _parceler = await TestParceler.StartAsync();
        await _parceler.CreateAsync("netsec", sync: false);
    }

    public ValueTask DisposeAsync() => _parceler.DisposeAsync();

    [Theory]
    [InlineData(null)]
    [InlineData("parceler_")]
    [InlineData("parceler_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("release-token")]
    public async Task Without_a_token_that_is_known_nothing_is_told(string? token)
    {
        using var nobody = new ApiClient(_parceler, token);

        foreach (var path in new[] { "repositories", "repositories/netsec", "repositories/none", "jobs", "audit" })
        {
            var answer = (await nobody.GetAsync(path)).ShouldBeProblem(401);
            answer.Header("WWW-Authenticate").Should().Be("Bearer realm=\"Parceler\"");
        }
    }

    [Fact]
    public async Task A_token_is_of_use_until_it_is_revoked()
    {
        using var ci = await ApiClient.OfAsync(_parceler, Scopes.Read);
        (await ci.GetAsync("repositories")).ShouldBe(200).Items("name").Should().Equal("netsec");

        (await _parceler.Get<ApiTokens>().RevokeAsync(AccountName.Parse("ci"), Cancellation)).Should().BeTrue();

        (await ci.GetAsync("repositories")).ShouldBeProblem(401);
    }

    [Fact]
    public async Task A_token_ends_with_its_expiry()
    {
        var token = await _parceler.Get<ApiTokens>().CreateAsync(AccountName.Parse("ci"), Scopes.Read, _parceler.Clock.GetUtcNow().AddDays(1), Cancellation);
        using var ci = new ApiClient(_parceler, token);
        _parceler.Clock.Advance(TimeSpan.FromDays(1) - TimeSpan.FromSeconds(1));
        (await ci.GetAsync("repositories")).ShouldBe(200);

        _parceler.Clock.Advance(TimeSpan.FromSeconds(1));

        (await ci.GetAsync("repositories")).ShouldBeProblem(401);
    }

    [Theory]
    [InlineData("read", "GET", "repositories", 200)]
    [InlineData("read", "POST", "repositories/netsec/syncs", 403)]
    [InlineData("read", "POST", "repositories/netsec/releases", 403)]
    [InlineData("read", "DELETE", "repositories/netsec", 403)]
    [InlineData("release", "POST", "repositories/netsec/releases", 202)]
    [InlineData("release", "GET", "repositories", 403)]
    [InlineData("release", "POST", "repositories/netsec/syncs", 403)]
    [InlineData("operate", "GET", "repositories", 200)]
    [InlineData("operate", "POST", "repositories/netsec/syncs", 202)]
    [InlineData("operate", "POST", "repositories/netsec/releases", 202)]
    [InlineData("operate", "GET", "tokens", 403)]
    [InlineData("operate", "POST", "operators", 403)]
    public async Task A_token_may_what_its_scopes_say_and_none_makes_others(string scope, string method, string path, int status)
    {
        using var ci = await ApiClient.OfAsync(_parceler, ScopeWords.Parse([scope]));

        var answer = await ci.SendAsync(method, path);

        if (status == 403)
        {
            answer.ShouldBeProblem(403);
        }
        else
        {
            answer.ShouldBe(status);
        }
    }

    [Fact]
    public async Task The_database_holds_no_token_and_its_last_use_is_written_later()
    {
        var token = await _parceler.Get<ApiTokens>().CreateAsync(AccountName.Parse("ci"), Scopes.Read, null, Cancellation);
        using var ci = new ApiClient(_parceler, token);
        await ci.GetAsync("repositories");
        (await ListAsync()).LastUsedAt.Should().BeNull();

        await _parceler.Get<ApiTokens>().WriteUsesAsync(Cancellation);

        (await ListAsync()).LastUsedAt.Should().Be(_parceler.Clock.GetUtcNow());
        await using var session = await _parceler.Get<ParcelerDb>().OpenAsync(Cancellation);
        var kept = await session.QueryAsync("select name || hash || scopes || created_by from api_tokens", row => row.GetString(0));
        kept.Should().ContainSingle().Which.Should().NotContain(token).And.NotContain(token["parceler_".Length..]);
    }

    [Fact]
    public async Task Whoever_tries_tokens_is_bounded_and_only_he()
    {
        await _parceler.RestartAsync(("TRUSTED_PROXIES", "127.0.0.1"));
        using var ci = await ApiClient.OfAsync(_parceler);
        using var guesser = new ApiClient(_parceler, "wrong") { From = "192.0.2.1" };
        for (var tries = 0; tries < SignInGuesses.TokensPerAddress; tries++)
        {
            (await guesser.GetAsync("repositories")).ShouldBeProblem(401);
        }

        (await guesser.GetAsync("repositories")).ShouldBeProblem(429).Header("Retry-After").Should().Be("600");
        (await ci.GetAsync("repositories")).ShouldBe(200);
    }

    private async Task<ApiToken> ListAsync() => (await _parceler.Get<ApiTokens>().ListAsync(Cancellation)).Single();
}
