using Parceler.Database;
using Parceler.Operators;
using Parceler.Tests.Support;

namespace Parceler.Tests.Api;

/// <summary>Operators sign in with a password, and what others can't do with their session.</summary>
public class SignInTests : IAsyncLifetime
{
    private TestParceler _parceler = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _parceler = await TestParceler.StartAsync(new() { ["TRUSTED_PROXIES"] = "127.0.0.1" });
        await _parceler.CreateAsync("netsec", sync: false);
        await ApiClient.AddOperatorAsync(_parceler);
        await ApiClient.AddOperatorAsync(_parceler, "vi", "viewer");
    }

    public ValueTask DisposeAsync() => _parceler.DisposeAsync();

    [Fact]
    public async Task The_cookie_is_of_no_use_to_scripts_and_other_sites()
    {
        using var jo = new ApiClient(_parceler);
        var plain = (await jo.SignInAsync()).Header("Set-Cookie");
        var overTls = await jo.SendAsync("POST", "sessions", $$"""{"name":"jo","password":"{{ApiClient.Password}}"}""", ("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "192.0.2.1"));

        plain.Should().StartWith("parceler_session=").And.Contain("path=/").And.Contain("httponly").And.Contain("samesite=strict").And.NotContain("domain");
        overTls.Header("Set-Cookie").Should().StartWith("__Host-parceler_session=").And.Contain("secure");
        (await jo.GetAsync("sessions/current")).ShouldBe(200).Json.GetProperty("operator").GetString().Should().Be("jo");
    }

    [Theory]
    [InlineData("jo", "wrong horse battery")]
    [InlineData("nobody", ApiClient.Password)]
    [InlineData("no name", ApiClient.Password)]
    [InlineData("jo", "")]
    public async Task A_wrong_password_and_an_unknown_name_look_the_same(string name, string password)
    {
        using var somebody = new ApiClient(_parceler);

        var answer = (await somebody.SignInAsync(name, password)).ShouldBeProblem(401);

        answer.Detail.Should().Be("The name or the password is wrong");
        answer.Header("Set-Cookie").Should().BeNull();
    }

    [Fact]
    public async Task A_change_under_the_cookie_needs_the_token_that_no_other_site_reads()
    {
        using var jo = new ApiClient(_parceler);
        await jo.SignInAsync();
        var token = jo.CsrfToken;
        foreach (var wrong in new[] { null, "", "x", token + "x" })
        {
            jo.CsrfToken = wrong;
            (await jo.SendAsync("PATCH", "repositories/netsec", """{"delay":1}""")).ShouldBeProblem(403, "X-CSRF-Token");
            (await jo.SendAsync("DELETE", "sessions/current")).ShouldBeProblem(403);
            (await jo.GetAsync("repositories")).ShouldBe(200);
        }

        jo.CsrfToken = (await jo.GetAsync("sessions/current")).Json.GetProperty("csrfToken").GetString();
        jo.CsrfToken.Should().Be(token);
        (await jo.SendAsync("PATCH", "repositories/netsec", """{"delay":1}""")).ShouldBe(200);
    }

    [Fact]
    public async Task The_token_of_one_session_is_none_of_another()
    {
        using var jo = new ApiClient(_parceler);
        using var vi = new ApiClient(_parceler);
        await jo.SignInAsync();
        await vi.SignInAsync("vi");
        jo.CsrfToken = vi.CsrfToken;

        (await jo.SendAsync("PATCH", "repositories/netsec", """{"delay":1}""")).ShouldBeProblem(403);
    }

    [Fact]
    public async Task A_form_of_another_site_signs_nobody_in()
    {
        using var jo = new ApiClient(_parceler);

        var answer = await jo.SendContentAsync("POST", "sessions", new FormUrlEncodedContent([new("name", "jo"), new("password", ApiClient.Password)]));

        answer.ShouldBeProblem(415).Header("Set-Cookie").Should().BeNull();
    }

    [Fact]
    public async Task A_session_that_somebody_foisted_on_a_browser_is_not_the_one_that_is_signed_in()
    {
        using var jo = new ApiClient(_parceler);
        jo.Cookie = $"parceler_session={new string('A', 43)}";
        await jo.SignInAsync();
        var first = jo.Cookie;
        first.Should().NotContain("AAAA");

        await jo.SignInAsync();

        jo.Cookie.Should().NotBe(first);
        jo.Cookie = first;
        (await jo.GetAsync("repositories")).ShouldBeProblem(401); // the new one took its place
    }

    [Fact]
    public async Task A_viewer_changes_nothing()
    {
        using var vi = new ApiClient(_parceler);
        await vi.SignInAsync("vi");

        (await vi.GetAsync("repositories")).ShouldBe(200);
        (await vi.GetAsync("tokens")).ShouldBeProblem(403);
        (await vi.SendAsync("PATCH", "repositories/netsec", """{"delay":1}""")).ShouldBeProblem(403, "operate");
        (await vi.SendAsync("POST", "repositories/netsec/releases")).ShouldBeProblem(403);
        (await vi.SendAsync("POST", "operators", $$"""{"name":"x","role":"operator","password":"{{ApiClient.Password}}"}""")).ShouldBeProblem(403);
    }

    [Fact]
    public async Task A_session_ends_when_nobody_uses_it_for_an_hour()
    {
        using var jo = new ApiClient(_parceler);
        await jo.SignInAsync();
        for (var half = 0; half < 4; half++)
        {
            _parceler.Clock.Advance(TimeSpan.FromMinutes(59));
            (await jo.GetAsync("repositories")).ShouldBe(200);
        }

        _parceler.Clock.Advance(TimeSpan.FromHours(1));

        (await jo.GetAsync("repositories")).ShouldBeProblem(401);
    }

    [Fact]
    public async Task A_session_ends_after_twelve_hours_in_any_case()
    {
        using var jo = new ApiClient(_parceler);
        await jo.SignInAsync();
        for (var half = 0; half < 23; half++)
        {
            _parceler.Clock.Advance(TimeSpan.FromMinutes(30));
            (await jo.GetAsync("repositories")).ShouldBe(200);
        }

        _parceler.Clock.Advance(TimeSpan.FromMinutes(30));

        (await jo.GetAsync("repositories")).ShouldBeProblem(401);
        await _parceler.Get<OperatorSessions>().ForgetAsync(Cancellation);
        (await CountAsync("operator_sessions")).Should().Be(0);
    }

    [Theory]
    [InlineData("sign-out")]
    [InlineData("password")]
    [InlineData("remove")]
    public async Task A_session_ends_at_all_nodes_at_once(string how)
    {
        await using var other = await _parceler.StartAnotherAsync();
        using var jo = new ApiClient(_parceler);
        await jo.SignInAsync();
        using var there = new ApiClient(other) { Cookie = jo.Cookie, CsrfToken = jo.CsrfToken };
        (await there.SendAsync("PATCH", "repositories/netsec", """{"delay":1}""")).ShouldBe(200);

        await (how switch
        {
            "sign-out" => jo.SendAsync("DELETE", "sessions/current"),
            "password" => jo.SendAsync("PUT", "operators/jo/password", """{"password":"another horse battery"}"""),
            _ => jo.SendAsync("DELETE", "operators/jo"),
        });

        (await there.GetAsync("repositories")).ShouldBeProblem(401);
        (await jo.GetAsync("repositories")).ShouldBeProblem(401);
    }

    [Fact]
    public async Task Whoever_guesses_is_stopped_for_a_while_and_does_not_stop_others()
    {
        using var jo = new ApiClient(_parceler) { From = "192.0.2.1" };
        await jo.SignInAsync();
        using var guesser = new ApiClient(_parceler) { From = "192.0.2.66" };
        for (var tries = 0; tries < SignInGuesses.PerAddress; tries++)
        {
            (await guesser.SignInAsync(password: $"wrong horse {tries}")).ShouldBeProblem(401);
        }

        (await guesser.SignInAsync()).ShouldBeProblem(429).Header("Retry-After").Should().Be("600");
        (await jo.SignInAsync()).ShouldBe(201);
        _parceler.Clock.Advance(SignInGuesses.Window * 2);
        (await guesser.SignInAsync()).ShouldBe(201);
    }

    [Fact]
    public async Task Many_who_guess_one_name_stop_strangers_but_not_whom_it_belongs_to()
    {
        using var jo = new ApiClient(_parceler) { From = "192.0.2.1" };
        await jo.SignInAsync();
        var guesses = _parceler.Get<SignInGuesses>();
        for (var tries = 0; tries < SignInGuesses.PerName; tries++)
        {
            guesses.TryEnter(AccountName.Parse("jo"), Parceler.Entitlements.AddressBlock.Of(System.Net.IPAddress.Parse($"198.51.100.{tries}")), isKnownThere: false);
        }

        using var stranger = new ApiClient(_parceler) { From = "203.0.113.1" };
        (await stranger.SignInAsync()).ShouldBeProblem(429);
        (await jo.SignInAsync()).ShouldBe(201);
        (await stranger.SignInAsync("vi")).ShouldBe(201);
    }

    [Fact]
    public async Task The_database_holds_no_password_and_no_cookie()
    {
        using var jo = new ApiClient(_parceler);
        await jo.SignInAsync();

        await using var session = await _parceler.Get<ParcelerDb>().OpenAsync(Cancellation);
        var ids = await session.QueryAsync("select id || operator || coalesce(address, '') from operator_sessions", row => row.GetString(0));
        ids.Should().ContainSingle().Which.Should().NotContain(jo.Cookie!.Split('=')[1]);
        var hashes = await session.QueryAsync("select hash, salt from operators where name in ('jo', 'vi')", row => ((byte[])row.GetValue(0), (byte[])row.GetValue(1)));
        hashes.Select(pair => Convert.ToHexString(pair.Item1)).Should().OnlyHaveUniqueItems("they have the same password, and a salt each");
    }

    [Fact]
    public async Task A_short_password_is_none() =>
        await FluentActions.Awaiting(() => _parceler.Get<OperatorCatalog>().AddAsync(AccountName.Parse("x"), "viewer", "elevenchars", Cancellation)).Should().ThrowAsync<Parceler.Repositories.InvalidSettingException>();

    private async Task<long> CountAsync(string table)
    {
        await using var session = await _parceler.Get<ParcelerDb>().OpenAsync(Cancellation);
        return await session.FirstAsync($"select count(*) from {table}", row => row.GetInt64(0));
    }
}
