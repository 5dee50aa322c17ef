using Parceler.Entitlements;
using Parceler.Tests.Support;

namespace Parceler.Tests.Entitlements;

public class OutageTests
{
    [Theory]
    [InlineData(503)]
    [InlineData(302)]
    [InlineData(400)]
    public async Task A_machine_allowed_before_stays_allowed_for_the_grace(int status)
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Allow("M-1", "s3cret");
        await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        entitled.Server.Everybody = new(status);

        entitled.Pass(TimeSpan.FromDays(6.9));
        var within = await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        entitled.Pass(TimeSpan.FromDays(0.2));
        var beyond = await entitled.DecideAsync("enterprise", "M-1", "s3cret");

        within.Should().BeOfType<Verdict.Allowed>();
        beyond.Should().BeOfType<Verdict.Unknown>();
    }

    [Fact]
    public async Task The_grace_counts_from_the_last_confirmation()
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Allow("M-1", "s3cret");
        await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        entitled.Pass(TimeSpan.FromDays(5));
        await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        entitled.Server.Everybody = new(500);

        entitled.Pass(TimeSpan.FromDays(6));
        var decided = await entitled.DecideAsync("enterprise", "M-1", "s3cret");

        decided.Should().BeOfType<Verdict.Allowed>();
    }

    [Fact]
    public async Task The_grace_never_goes_beyond_the_end_of_the_subscription()
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.AllowUntil("t0ken", entitled.Now.AddDays(3));
        await entitled.DecideAsync("community", "M-1", "t0ken");
        entitled.Server.Everybody = new(500);

        entitled.Pass(TimeSpan.FromDays(2.9));
        var before = await entitled.DecideAsync("community", "M-1", "t0ken");
        entitled.Pass(TimeSpan.FromDays(0.2));
        var after = await entitled.DecideAsync("community", "M-1", "t0ken");

        before.Should().BeOfType<Verdict.Allowed>();
        after.Should().BeOfType<Verdict.Unknown>();
    }

    [Fact]
    public async Task An_allowance_ends_with_the_subscription_even_without_a_question()
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.AllowUntil("t0ken", entitled.Now.AddHours(2));
        await entitled.DecideAsync("community", "M-1", "t0ken");

        entitled.Pass(TimeSpan.FromHours(2));
        var decided = await entitled.DecideAsync("community", "M-1", "t0ken");

        decided.Should().BeOfType<Verdict.Denied>();
    }

    [Fact]
    public async Task A_denial_wins_over_an_allowance_and_no_outage_brings_it_back()
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Allow("M-1", "s3cret");
        await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        entitled.Server.Deny("M-1", "s3cret");
        entitled.Pass(TimeSpan.FromHours(40));
        await entitled.DecideAsync("enterprise", "M-1", "s3cret"); // renews behind the request
        await entitled.SettleAsync();

        var denied = await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        entitled.Server.Everybody = new(500);
        entitled.Pass(TimeSpan.FromMinutes(10));
        var inOutage = await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        await entitled.RestartAsync();
        var afterRestart = await entitled.DecideAsync("enterprise", "M-1", "s3cret");

        denied.Should().BeOfType<Verdict.Denied>();
        inOutage.Should().BeOfType<Verdict.Unknown>();
        afterRestart.Should().BeOfType<Verdict.Unknown>();
    }

    [Fact]
    public async Task A_denial_that_another_process_heard_ends_the_allowance_here()
    {
        await using var entitled = await Entitled.StartAsync();
        var cancellation = TestContext.Current.CancellationToken;
        entitled.Server.Allow("M-1", "s3cret");
        await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        await entitled.SettleAsync();
        using var machines = new LocalMachines(entitled.Store.Db, entitled.Store.Disk, entitled.Store.Clock);
        using var other = new EntitlementCheck(
            entitled.Options,
            entitled.Store.Db,
            machines,
            entitled.Store.Clock,
            Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance
        );
        await other.StartAsync(entitled.Store.Feed, cancellation);
        entitled.Server.Deny("M-1", "s3cret");
        entitled.Pass(TimeSpan.FromHours(40));

        await other.DecideAsync(other.FindTier(TierName.Parse("enterprise"))!, Credentials.Of("M-1", "s3cret"), default, cancellation);
        await other.FlushAsync(cancellation);
        await entitled.Store.Feed.LookAsync(cancellation);
        var decided = await entitled.DecideAsync("enterprise", "M-1", "s3cret");

        decided.Should().BeOfType<Verdict.Denied>();
    }

    [Fact]
    public async Task With_an_allowance_to_lean_on_nobody_waits_for_an_authority_that_hangs()
    {
        await using var entitled = await Entitled.StartAsync(options =>
            options with
            {
                Limits = new() { Try = TimeSpan.FromHours(1), Whole = TimeSpan.FromHours(2), WithAllowance = TimeSpan.FromMilliseconds(50) },
            }
        );
        entitled.Server.Allow("M-1", "s3cret");
        await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        entitled.Server.Deny("M-1", "s3cret");
        entitled.Server.Hold();
        entitled.Pass(TimeSpan.FromDays(3));

        var leant = await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        entitled.Server.Release();
        await entitled.SettleAsync();
        var answered = await entitled.DecideAsync("enterprise", "M-1", "s3cret");

        leant.Should().BeOfType<Verdict.Allowed>();
        answered.Should().BeOfType<Verdict.Denied>("the call went on behind the request");
        entitled.Server.Calls.Should().HaveCount(2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_authority_that_is_down_is_not_asked_for_every_request(bool allowedBefore)
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Everybody = new(allowedBefore ? 200 : 404);
        await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        entitled.Server.Everybody = new(404);
        entitled.Pass(TimeSpan.FromDays(3));
        await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        var calls = entitled.Server.Calls.Count;

        for (var i = 0; i < 9; i++)
        {
            entitled.Pass(TimeSpan.FromSeconds(1));
            await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        }

        entitled.Server.Calls.Should().HaveCount(calls);
        entitled.Pass(TimeSpan.FromSeconds(30));
        await entitled.DecideAsync("enterprise", "M-1", "s3cret");
        entitled.Server.Calls.Should().HaveCount(calls + 1);
    }

    [Fact]
    public async Task An_authority_that_fails_for_all_is_left_alone_and_said_once_to_be_down()
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Everybody = new(429);
        for (var i = 0; i < 40; i++)
        {
            await entitled.DecideAsync("enterprise", $"M-{i}", "s3cret");
        }

        var calls = entitled.Server.Calls.Count;
        entitled.Server.Everybody = new(200);
        entitled.Pass(TimeSpan.FromMinutes(1));
        var recovered = await entitled.DecideAsync("enterprise", "M-100", "s3cret");

        calls.Should().BeLessThan(30);
        recovered.Should().BeOfType<Verdict.Allowed>();
        entitled.Log.Lines.Where(line => line.StartsWith("Error", StringComparison.Ordinal)).Should().ContainSingle().Which.Should().Contain("enterprise");
        entitled.Log.Lines.Should().ContainSingle(line => line.Contains("answers again"));
    }

    [Fact]
    public async Task What_one_machine_provokes_does_not_stop_the_others()
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Everybody = new(400);
        for (var i = 0; i < 60; i++)
        {
            await entitled.DecideAsync("enterprise", $"invented-{i}", "s3cret");
        }

        entitled.Server.Everybody = new(200);
        var decided = await entitled.DecideAsync("enterprise", "M-1", "s3cret");

        decided.Should().BeOfType<Verdict.Allowed>();
    }
}
