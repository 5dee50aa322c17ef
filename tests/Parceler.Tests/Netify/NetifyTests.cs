using System.Net;
using System.Text;
using Parceler.Delivery;
using Parceler.Tests.Support;

namespace Parceler.Tests.Netify;

/// <summary>What machines get from <c>/api/netifyd</c>, with the API behind it well, at fault or away.</summary>
public class NetifyTests
{
    private const string Community = "NethSecurity Community Edition";
    private const string Enterprise = "NethSecurity Enterprise Edition";
    private static readonly DateTimeOffset s_start = DateTimeOffset.Parse("2026-09-01T06:00:00Z", null);
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fifty_first_callers_cost_one_call_and_get_the_same_bytes()
    {
        await using var netify = await FakeNetify.StartAsync(() => s_start);
        await using var parceler = await TestParceler.StartAsync(netify.Settings());
        var licence = netify.Put(Community, s_start.AddDays(6));
        using var client = parceler.Client(id: null);
        netify.Hold();

        var catalogues = Enumerable.Range(0, 50).Select(_ => client.GetByteArrayAsync("/api/netifyd/applications/catalog", Cancellation)).ToList();
        var licences = Enumerable.Range(0, 50).Select(_ => client.GetByteArrayAsync("/api/netifyd/license", Cancellation)).ToList();
        await Wait.UntilAsync(() => netify.Calls.Count >= 2, "upstream is asked");
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Cancellation);
        netify.Release();

        foreach (var bytes in await Task.WhenAll(catalogues))
        {
            Encoding.UTF8.GetString(bytes).Should().Be(FakeNetify.Catalogue);
        }

        foreach (var bytes in await Task.WhenAll(licences))
        {
            Encoding.UTF8.GetString(bytes).Should().Be(licence);
        }

        netify.Calls.Should().BeEquivalentTo("GET /api/v2/integrator/applications/catalog?version=5.1", "GET /api/v2/integrator/licenses?format=netifyd");
    }

    [Theory]
    [InlineData("applications/catalog")]
    [InlineData("applications/categories")]
    [InlineData("protocols/catalog")]
    [InlineData("protocols/categories")]
    public async Task A_catalogue_is_kept_for_twelve_hours_and_told_by_its_tag(string what)
    {
        await using var netify = await FakeNetify.StartAsync(() => s_start);
        await using var parceler = await TestParceler.StartAsync(netify.Settings());
        using var client = parceler.Client(id: null);

        using var first = await client.GetAsync($"/api/netifyd/{what}", Cancellation);
        await parceler.PassAsync(hours: 11);
        client.DefaultRequestHeaders.IfNoneMatch.Add(first.Headers.ETag!);
        using var later = await client.GetAsync($"/api/netifyd/{what}", Cancellation);

        first.Content.Headers.ContentType!.ToString().Should().Be("application/json");
        first.Headers.ETag!.IsWeak.Should().BeFalse();
        later.StatusCode.Should().Be(HttpStatusCode.NotModified);
        netify.Calls.Should().HaveCount(1);
        await parceler.PassAsync(hours: 2);
        (await client.GetAsync($"/api/netifyd/{what}", Cancellation)).StatusCode.Should().Be(HttpStatusCode.NotModified);
        netify.Calls.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_missing_licence_is_made_and_kept_for_an_hour()
    {
        var now = s_start;
        await using var netify = await FakeNetify.StartAsync(() => now);
        await using var parceler = await TestParceler.StartAsync(netify.Settings("north"));
        using var client = parceler.Client(id: null);

        var licence = await client.GetStringAsync("/api/netifyd/license", Cancellation);
        parceler.Clock.Advance(TimeSpan.FromMinutes(59));
        (await client.GetStringAsync("/api/netifyd/license", Cancellation)).Should().Be(licence);

        licence.Should().Contain($"\"issued_to\":\"{Community} north\"");
        netify.Calls.Should().Equal(
            "GET /api/v2/integrator/licenses?format=netifyd",
            $$"""POST /api/v2/integrator/licenses {"format":"object","issued_to":"{{Community}} north","duration_days":7,"description":"License provided to {{Community}} north instances.","entitlements":["netify-proc-aggregator","netify-proc-flow-actions","netify-proc-dev-discovery","netify-sink-sqlite"]}"""
        );
        parceler.Clock.Advance(TimeSpan.FromMinutes(2));
        (await client.GetStringAsync("/api/netifyd/license", Cancellation)).Should().Be(licence);
        netify.Calls.Should().HaveCount(3);
    }

    [Fact]
    public async Task A_licence_that_lacks_an_entitlement_is_deleted_and_made_anew()
    {
        await using var netify = await FakeNetify.StartAsync(() => s_start);
        await using var parceler = await TestParceler.StartAsync(netify.Settings());
        netify.Put(Community, s_start.AddDays(6), without: "netify-sink-sqlite");
        using var client = parceler.Client(id: null);

        (await client.GetStringAsync("/api/netifyd/license", Cancellation)).Should().Contain("netify-sink-sqlite");

        netify.Calls.Select(call => call.Split(' ')[0]).Should().Equal("GET", "DELETE", "POST");
        netify.Calls.Should().Contain("DELETE /api/v2/integrator/licenses/S%2F1");
    }

    [Fact]
    public async Task A_licence_is_renewed_from_three_days_before_its_end()
    {
        await using var netify = await FakeNetify.StartAsync(() => s_start);
        await using var parceler = await TestParceler.StartAsync(netify.Settings());
        netify.Put(Community, s_start.AddDays(3));
        using var client = parceler.Client(id: null);

        (await client.GetStringAsync("/api/netifyd/license", Cancellation)).Should().Contain("\"human\":\"2026-09-07\"");

        netify.Calls.Should().Equal("GET /api/v2/integrator/licenses?format=netifyd", "POST /api/v2/integrator/licenses/S%2F1/renew {\"expire_at\":\"2026-09-07\"}");
    }

    [Fact]
    public async Task A_licence_that_cannot_be_renewed_is_given_out_until_it_ends()
    {
        await using var netify = await FakeNetify.StartAsync(() => s_start);
        await using var parceler = await TestParceler.StartAsync(netify.Settings());
        var licence = netify.Put(Community, DateTimeOffset.Parse("2026-09-03T00:00:00Z", null));
        (netify.Fault, netify.FaultAt) = (FakeNetify.Says(422), "renew");
        using var client = parceler.Client(id: null);

        (await client.GetStringAsync("/api/netifyd/license", Cancellation)).Should().Be(licence);
        parceler.Log.Lines.Should().Contain(line => line.Contains("could not be renewed: it answered 422", StringComparison.Ordinal));
        parceler.Clock.Advance(TimeSpan.FromDays(2));
        (await client.GetAsync("/api/netifyd/license", Cancellation)).StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
    }

    public static TheoryData<string> Faults => ["500", "403", "redirect", "html", "half", "empty", "huge", "closed"];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task While_upstream_is_at_fault_the_last_good_answer_is_given_out_while_it_is_valid(string kind)
    {
        await using var netify = await FakeNetify.StartAsync(() => s_start);
        await using var parceler = await TestParceler.StartAsync(netify.Settings());
        var licence = netify.Put(Community, DateTimeOffset.Parse("2026-09-07T00:00:00Z", null));
        using var client = parceler.Client(id: null);
        (await client.GetStringAsync("/api/netifyd/license", Cancellation)).Should().Be(licence);
        netify.Fault = FaultOf(kind);

        parceler.Clock.Advance(TimeSpan.FromHours(2));
        var kept = await client.GetStringAsync("/api/netifyd/license", Cancellation);
        using var never = await client.GetAsync("/api/netifyd/protocols/catalog", Cancellation);
        parceler.Clock.Advance(TimeSpan.FromDays(6));
        using var ended = await client.GetAsync("/api/netifyd/license", Cancellation);

        kept.Should().Be(licence);
        foreach (var refused in new[] { never, ended })
        {
            refused.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
            refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds.Should().BeInRange(60, 300);
            (await refused.Content.ReadAsByteArrayAsync(Cancellation)).Should().BeEmpty();
        }

        parceler.Log.Lines.Should().NotContain(line => line.Contains(FakeNetify.Key, StringComparison.Ordinal));
        netify.Fault = null;
        parceler.Clock.Advance(TimeSpan.FromMinutes(1));
        (await client.GetStringAsync("/api/netifyd/protocols/catalog", Cancellation)).Should().Be(FakeNetify.Catalogue);
    }

    [Fact]
    [Trait("Speed", "slow")]
    public Task An_upstream_that_never_answers_is_one_at_fault() => While_upstream_is_at_fault_the_last_good_answer_is_given_out_while_it_is_valid("silent");

    [Fact]
    public async Task While_upstream_is_away_few_questions_are_asked()
    {
        await using var netify = await FakeNetify.StartAsync(() => s_start);
        await using var parceler = await TestParceler.StartAsync(netify.Settings());
        netify.Fault = FakeNetify.Says(500);
        using var client = parceler.Client(id: null);

        for (var caller = 0; caller < 20; caller++)
        {
            (await client.GetAsync("/api/netifyd/license", Cancellation)).StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        }

        netify.Calls.Should().HaveCount(3); // one question, tried again twice
    }

    [Fact]
    public async Task A_question_that_fails_once_is_asked_again()
    {
        await using var netify = await FakeNetify.StartAsync(() => s_start);
        await using var parceler = await TestParceler.StartAsync(netify.Settings());
        var left = 1;
        netify.Fault = async http =>
        {
            netify.Fault = --left > 0 ? netify.Fault : null;
            await FakeNetify.Says(502)(http);
        };
        using var client = parceler.Client(id: null);

        (await client.GetStringAsync("/api/netifyd/protocols/categories", Cancellation)).Should().Be(FakeNetify.Catalogue);
    }

    [Fact]
    public async Task What_one_web_server_asked_for_another_and_the_next_start_have()
    {
        await using var netify = await FakeNetify.StartAsync(() => s_start);
        await using var parceler = await TestParceler.StartAsync(netify.Settings());
        var licence = netify.Put(Community, s_start.AddDays(6));
        await using (var another = await parceler.StartAnotherAsync())
        {
            using var here = parceler.Client(id: null);
            using var there = another.Client(id: null);
            netify.Hold();
            var both = new[] { here, there }.Select(client => client.GetStringAsync("/api/netifyd/license", Cancellation)).ToList();
            await Wait.UntilAsync(() => netify.Calls.Count > 0, "upstream is asked");
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Cancellation);
            netify.Release();
            (await Task.WhenAll(both)).Should().Equal(licence, licence);
        }

        netify.Calls.Should().HaveCount(1);
        netify.Fault = FakeNetify.Says(500);
        await parceler.RestartAsync();
        using var after = parceler.Client(id: null);
        (await after.GetStringAsync("/api/netifyd/license", Cancellation)).Should().Be(licence);
        parceler.Clock.Advance(TimeSpan.FromHours(2));
        await parceler.RestartAsync();
        using var later = parceler.Client(id: null);
        (await later.GetStringAsync("/api/netifyd/license", Cancellation)).Should().Be(licence); // not fresh any more, but valid
    }

    [Fact]
    public async Task The_licence_of_subscribers_is_for_who_is_entitled_to_the_tier()
    {
        await using var netify = await FakeNetify.StartAsync(() => s_start);
        await using var parceler = await TestParceler.StartAsync(netify.Settings());
        var licence = netify.Put(Enterprise, s_start.AddDays(6));
        parceler.Licences.AllowUntil("a-token", s_start.AddDays(30));

        (await StatusAsync(parceler, "enterprise", null)).Status.Should().Be(HttpStatusCode.Unauthorized);
        (await StatusAsync(parceler, "enterprise", null)).Challenge.Should().Be("Basic realm=\"Parceler\"");
        (await StatusAsync(parceler, "enterprise", TestParceler.Machine, "wrong")).Status.Should().Be(HttpStatusCode.Forbidden);
        (await StatusAsync(parceler, "community", "machine", "no-token")).Status.Should().Be(HttpStatusCode.Forbidden);
        netify.Calls.Should().BeEmpty();
        (await StatusAsync(parceler, "enterprise", TestParceler.Machine)).Should().Be((HttpStatusCode.OK, "", licence, null));
        (await StatusAsync(parceler, "community", "machine", "a-token")).Should().Be((HttpStatusCode.OK, "", licence, null));
        netify.Calls.Should().HaveCount(1);
        parceler.Licences.Everybody = new(500);
        var unknown = await StatusAsync(parceler, "enterprise", "NETH-0002", "any");
        unknown.Status.Should().Be(HttpStatusCode.ServiceUnavailable);
        unknown.RetryAfter!.Value.TotalSeconds.Should().BeInRange(300, 900);
    }

    [Fact]
    public async Task Fleets_whose_clients_know_only_401_get_it_here_too()
    {
        await using var netify = await FakeNetify.StartAsync(() => s_start);
        var settings = netify.Settings();
        settings["DELIVERY_DENIED_STATUS"] = "401";
        await using var parceler = await TestParceler.StartAsync(settings);

        (await StatusAsync(parceler, "enterprise", TestParceler.Machine, "wrong")).Status.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Maintenance_holds_for_it_as_for_files()
    {
        await using var netify = await FakeNetify.StartAsync(() => s_start);
        await using var parceler = await TestParceler.StartAsync(netify.Settings());
        await parceler.Get<MaintenanceMode>().BeginAsync(new(120, null, "/elsewhere", null, parceler.Clock.GetUtcNow()), Cancellation);
        using var client = parceler.Client(id: null);

        using var refused = await client.GetAsync("/api/netifyd/applications/catalog", Cancellation);

        refused.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        (await refused.Content.ReadAsStringAsync(Cancellation)).Should().BeEmpty();
        netify.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task Without_a_key_there_is_nothing()
    {
        await using var parceler = await TestParceler.StartAsync();
        using var client = parceler.Client();

        foreach (var path in new[] { "license", "community/license", "enterprise/license", "applications/catalog" })
        {
            (await client.GetAsync($"/api/netifyd/{path}", Cancellation)).StatusCode.Should().Be(HttpStatusCode.NotFound);
        }
    }

    private static Func<Microsoft.AspNetCore.Http.HttpContext, Task> FaultOf(string kind) =>
        kind switch
        {
            "redirect" => RedirectAsync,
            "html" => FakeNetify.Says(200, "<html>we are down</html>"),
            "half" => FakeNetify.Says(200, "{\"data\":[{\"serial\":\"x\""),
            "empty" => FakeNetify.Says(200),
            "huge" => FakeNetify.Says(200, $"{{\"data\":[\"{new string('x', 17 << 20)}\"]}}"),
            "silent" => http => Task.Delay(TimeSpan.FromSeconds(30), http.RequestAborted),
            "closed" => CloseAsync,
            _ => FakeNetify.Says(int.Parse(kind, null)),
        };

    private static Task RedirectAsync(Microsoft.AspNetCore.Http.HttpContext http)
    {
        http.Response.Redirect("/api/v2/integrator/elsewhere");
        return Task.CompletedTask;
    }

    private static Task CloseAsync(Microsoft.AspNetCore.Http.HttpContext http)
    {
        http.Abort();
        return Task.CompletedTask;
    }

    private static async Task<(HttpStatusCode Status, string Challenge, string Body, TimeSpan? RetryAfter)> StatusAsync(TestParceler parceler, string tier, string? id, string secret = TestParceler.Secret)
    {
        using var client = parceler.Client(id, secret);
        using var answer = await client.GetAsync($"/api/netifyd/{tier}/license", Cancellation);
        return (answer.StatusCode, answer.Headers.WwwAuthenticate.ToString(), await answer.Content.ReadAsStringAsync(Cancellation), answer.Headers.RetryAfter?.Delta);
    }
}
