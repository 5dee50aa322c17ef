using Parceler.Entitlements;
using Parceler.Tests.Support;

namespace Parceler.Tests.Entitlements;

public class EntitlementCheckTests
{
    [Fact]
    public async Task Asks_once_and_answers_from_memory_then()
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Allow("M-1", "s3cret");
        await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        entitled.Pass(TimeSpan.FromDays(1));

        var known = entitled.Check.TryDecide(EnterpriseOf(entitled), Credentials.Of("M-1", "s3cret"), entitled.Now, out var verdict);

        known.Should().BeTrue();
        verdict.Should().BeOfType<Verdict.Allowed>();
        entitled.Server.Calls.Should().HaveCount(1);
    }

    [Fact]
    public async Task Fifty_requests_of_one_machine_make_one_call()
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Allow("M-1", "s3cret");
        entitled.Server.Hold();

        var waiting = Enumerable.Range(0, 50).Select(_ => entitled.DecideAsync("enterprise", "M-1", "s3cret")).ToList();
        entitled.Server.Release();
        var verdicts = await Task.WhenAll(waiting);

        verdicts.Should().AllBeOfType<Verdict.Allowed>();
        entitled.Server.CallsOf("M-1", "s3cret").Should().Be(1);
    }

    [Fact]
    public async Task A_request_that_leaves_does_not_take_the_call_with_it()
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Allow("M-1", "s3cret");
        entitled.Server.Hold();
        using var leaves = new CancellationTokenSource();
        var leaving = entitled.Check.DecideAsync(EnterpriseOf(entitled), Credentials.Of("M-1", "s3cret"), default, leaves.Token).AsTask();
        var staying = entitled.DecideAsync("enterprise", "M-1", "s3cret");

        await leaves.CancelAsync();
        entitled.Server.Release();

        await FluentActions.Awaiting(() => leaving).Should().ThrowAsync<OperationCanceledException>();
        (await staying).Should().BeOfType<Verdict.Allowed>();
        entitled.Server.Calls.Should().HaveCount(1);
    }

    [Theory]
    [InlineData("enterprise", 47, 0)]
    [InlineData("enterprise", 49, 1)]
    [InlineData("community", 23, 0)]
    [InlineData("community", 25, 1)]
    public async Task An_allowance_is_kept_for_the_time_of_its_tier(string tier, int hours, int moreCalls)
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Everybody = FakeLicenceServer.Subscription("\"2030-01-01\"");
        await entitled.DecideAsync(tier, "M-1", "t0ken");
        entitled.Server.Everybody = new(401);

        entitled.Pass(TimeSpan.FromHours(hours));
        var decided = await entitled.DecideAsync(tier, "M-1", "t0ken");

        (decided is Verdict.Denied ? 1 : 0).Should().Be(moreCalls);
    }

    [Fact]
    public async Task An_allowance_is_renewed_behind_the_request_near_its_end()
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Allow("M-1", "s3cret");
        await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        entitled.Pass(TimeSpan.FromHours(38));
        await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        await entitled.SettleAsync();
        entitled.Server.Calls.Should().HaveCount(1, "38 of 48 hours are less than 80 %");

        entitled.Pass(TimeSpan.FromHours(1));
        entitled.Server.Hold(); // the request does not wait for it
        await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        entitled.Server.Release();
        await entitled.SettleAsync();
        entitled.Pass(TimeSpan.FromHours(30));
        var decided = await entitled.DecideAsync("enterprise", "M-1", "s3cret");

        decided.Should().BeOfType<Verdict.Allowed>();
        entitled.Server.Calls.Should().HaveCount(2, "30 of 48 hours since it was renewed");
    }

    [Fact]
    public async Task A_denial_is_kept_for_five_minutes()
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Deny("M-1", "s3cret");
        await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        entitled.Server.Allow("M-1", "s3cret");

        entitled.Pass(TimeSpan.FromMinutes(4));
        var early = await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        entitled.Pass(TimeSpan.FromMinutes(2));
        var late = await entitled.DecideAsync("enterprise", "M-1", "s3cret");

        early.Should().BeOfType<Verdict.Denied>();
        late.Should().BeOfType<Verdict.Allowed>();
    }

    [Fact]
    public async Task A_wrong_secret_never_passes_on_the_allowance_of_the_same_id()
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Allow("M-1", "s3cret");
        await entitled.DecideAsync("enterprise", "M-1", "s3cret");

        var wrong = await entitled.DecideAsync("enterprise", "M-1", "S3cret");

        wrong.Should().BeOfType<Verdict.Denied>();
    }

    [Theory]
    [InlineData("enterprise", "community")]
    [InlineData("community", "enterprise")]
    [InlineData("community", "own")]
    public async Task One_tier_never_opens_the_other(string allowedIn, string other)
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Everybody = FakeLicenceServer.Subscription("\"2030-01-01\"");
        var first = await entitled.DecideAsync(allowedIn, "M-1", "t0ken");
        entitled.Server.Everybody = new(403);

        var decided = await entitled.DecideAsync(other, "M-1", "t0ken");

        first.Should().BeOfType<Verdict.Allowed>();
        decided.Should().BeOfType<Verdict.Denied>();
    }

    [Fact]
    public async Task The_parts_of_credentials_do_not_run_into_each_other()
    {
        await using var entitled = await Entitled.StartAsync();
        var enterprise = EnterpriseOf(entitled);

        var key = entitled.Check.KeyOf(enterprise, Credentials.Of("ab", "c"));

        key.Should().NotBe(entitled.Check.KeyOf(enterprise, Credentials.Of("a", "bc")));
        key.Should().Be(entitled.Check.KeyOf(enterprise, Credentials.Of("ab", "c")));
    }

    [Fact]
    public async Task A_token_with_a_thousand_invented_ids_costs_one_call()
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.AllowUntil("t0ken", entitled.Now.AddYears(1));

        var verdicts = new List<Verdict>();
        for (var i = 0; i < 1000; i++)
        {
            verdicts.Add(await entitled.DecideAsync("community", $"invented-{i}", "t0ken"));
        }

        verdicts.Should().AllBeOfType<Verdict.Allowed>();
        entitled.Server.Calls.Should().HaveCount(1);
    }

    [Fact]
    public async Task A_known_header_is_not_taken_apart_again_but_for_sixteen_of_one_token_only()
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.AllowUntil("t0ken", entitled.Now.AddYears(1));
        var ids = Enumerable.Range(0, 40).Select(i => Credentials.Of($"invented-{i}", "t0ken")).ToList();
        await entitled.DecideAsync("community", ids[0]);

        foreach (var id in ids)
        {
            await entitled.DecideAsync("community", id);
        }

        ids.Count(id => ReferenceEquals(entitled.Check.Recognise(id.Header), id)).Should().Be(16);
    }

    private static Tier EnterpriseOf(Entitled entitled) => entitled.Check.FindTier(TierName.Parse("enterprise"))!;
}
