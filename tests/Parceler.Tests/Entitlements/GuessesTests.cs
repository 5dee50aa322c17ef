using System.Net;
using Parceler.Entitlements;

namespace Parceler.Tests.Entitlements;

/// <summary>Whoever guesses credentials is slowed down, and nobody else.</summary>
public sealed class GuessesTests
{
    private static readonly AddressBlock s_attacker = AddressBlock.Of(IPAddress.Parse("198.51.100.7"));
    private static readonly AddressBlock s_office = AddressBlock.Of(IPAddress.Parse("203.0.113.1"));

    [Fact]
    public async Task A_thousand_guesses_for_one_id_cost_a_few_questions()
    {
        await using var entitled = await Entitled.StartAsync(options => options with { Guesses = new(PerId: 20, PerAddress: 300) });

        var verdicts = await GuessAsync(entitled, 1000, i => ("M-1", $"guess-{i}"), s_attacker);

        verdicts.OfType<Verdict.Denied>().Should().HaveCount(20);
        verdicts.OfType<Verdict.Unknown>().Should().HaveCount(980, "503 is what all clients obey");
        entitled.Server.Calls.Should().HaveCount(20);
    }

    [Fact]
    public async Task A_thousand_ids_tried_from_one_address_cost_a_few_questions()
    {
        await using var entitled = await Entitled.StartAsync(options => options with { Guesses = new(PerId: 20, PerAddress: 300) });

        var verdicts = await GuessAsync(entitled, 1000, i => ($"M-{i}", "guess"), s_attacker);

        verdicts.OfType<Verdict.Denied>().Should().HaveCount(300);
        entitled.Server.Calls.Should().HaveCount(300);
    }

    [Fact]
    public async Task Guesses_at_once_are_slowed_down_as_those_one_after_the_other()
    {
        await using var entitled = await Entitled.StartAsync(options => options with { AuthorityConcurrency = 4, Guesses = new(PerId: 20, PerAddress: 300) });

        await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => entitled.DecideAsync("enterprise", Credentials.Of("M-1", $"guess-{i}"), s_attacker)));

        entitled.Server.Calls.Count.Should().BeInRange(20, 24, "as many more as may be under way at once");
    }

    [Fact]
    public async Task They_may_go_on_slowly()
    {
        await using var entitled = await Entitled.StartAsync(options => options with { Guesses = new(PerId: 20, PerAddress: 300) });
        await GuessAsync(entitled, 100, i => ("M-1", $"guess-{i}"), s_attacker);

        entitled.Pass(TimeSpan.FromMinutes(15));
        var later = await GuessAsync(entitled, 100, i => ("M-1", $"later-{i}"), s_attacker);
        entitled.Pass(TimeSpan.FromMinutes(40));
        var muchLater = await GuessAsync(entitled, 100, i => ("M-1", $"much-later-{i}"), s_attacker);

        later.OfType<Verdict.Denied>().Should().HaveCount(10, "half of the last window counts");
        muchLater.OfType<Verdict.Denied>().Should().HaveCount(20);
    }

    [Fact]
    public async Task A_machine_that_is_known_passes_whatever_is_tried_with_its_id_and_from_its_address()
    {
        await using var entitled = await Entitled.StartAsync();
        entitled.Server.Allow("M-1", "s3cret");
        await entitled.DecideAsync("enterprise", Credentials.Of("M-1", "s3cret"), s_attacker);
        await GuessAsync(entitled, 500, i => ("M-1", $"guess-{i}"), s_attacker);
        await GuessAsync(entitled, 500, i => ($"X-{i}", "guess"), s_attacker);

        var fresh = await entitled.DecideAsync("enterprise", Credentials.Of("M-1", "s3cret"), s_attacker);
        await entitled.RestartAsync();
        var restarted = await entitled.DecideAsync("enterprise", Credentials.Of("M-1", "s3cret"), s_attacker);
        await GuessAsync(entitled, 500, i => ("M-1", $"again-{i}"), s_attacker);
        entitled.Pass(TimeSpan.FromDays(3)); // its allowance is to be renewed
        await GuessAsync(entitled, 500, i => ("M-1", $"and-again-{i}"), s_attacker);
        var renewed = await entitled.DecideAsync("enterprise", Credentials.Of("M-1", "s3cret"), s_attacker);

        new[] { fresh, restarted, renewed }.Should().AllBeOfType<Verdict.Allowed>();
    }

    [Fact]
    public async Task Nobody_locks_out_a_machine_of_another_address_whose_id_he_knows()
    {
        await using var entitled = await Entitled.StartAsync();
        await GuessAsync(entitled, 1000, i => ("M-1", $"guess-{i}"), s_attacker);
        entitled.Server.Allow("M-1", "s3cret");

        var first = await entitled.DecideAsync("enterprise", Credentials.Of("M-1", "s3cret"), s_office);

        first.Should().BeOfType<Verdict.Allowed>();
    }

    [Fact]
    public async Task An_id_is_not_guessed_from_many_addresses_either()
    {
        await using var entitled = await Entitled.StartAsync(options => options with { Guesses = new(PerId: 20, PerAddress: 300) });

        for (var i = 0; i < 1000; i++)
        {
            await entitled.DecideAsync("enterprise", Credentials.Of("M-1", $"guess-{i}"), AddressBlock.Of(new IPAddress(0x0a000000 + i)));
        }

        entitled.Server.Calls.Should().HaveCount(200);
    }

    [Fact]
    public async Task A_fleet_behind_one_address_is_not_slowed_down_by_its_expired_machines()
    {
        await using var entitled = await Entitled.StartAsync(options => options with { Guesses = new(PerId: 20, PerAddress: 300) });
        for (var i = 0; i < 200; i++)
        {
            entitled.Server.Deny($"expired-{i}", "s3cret");
        }

        for (var night = 0; night < 25; night++) // each asks for its files, and again after its denial was forgotten
        {
            var denied = await GuessAsync(entitled, 200, i => ($"expired-{i}", "s3cret"), s_office);
            denied.Should().AllBeOfType<Verdict.Denied>();
            entitled.Pass(TimeSpan.FromMinutes(night % 5 == 0 ? 6 : 0));
        }

        entitled.Server.Allow("new", "s3cret");
        (await entitled.DecideAsync("enterprise", Credentials.Of("new", "s3cret"), s_office)).Should().BeOfType<Verdict.Allowed>();
    }

    [Fact]
    public async Task Tokens_are_guessed_per_address_since_their_ids_are_labels()
    {
        await using var entitled = await Entitled.StartAsync(options => options with { Guesses = new(PerId: 20, PerAddress: 300) });
        entitled.Server.AllowUntil("t0ken", entitled.Now.AddYears(1));

        await GuessAsync(entitled, 1000, i => ("M-1", $"guess-{i}"), s_attacker, "community");
        var calls = entitled.Server.Calls.Count;
        var owner = await entitled.DecideAsync("community", Credentials.Of("M-1", "t0ken"), s_office);
        var wrong = await GuessAsync(entitled, 1000, i => ($"invented-{i}", "wr0ng"), s_office, "community");

        calls.Should().Be(300);
        owner.Should().BeOfType<Verdict.Allowed>();
        wrong.Should().AllBeOfType<Verdict.Denied>("it is one machine, whatever it calls itself");
        entitled.Server.Calls.Should().HaveCount(302);
    }

    [Fact]
    public async Task Secrets_of_a_listed_machine_are_looked_at_a_few_times_only()
    {
        await using var entitled = await Entitled.StartAsync(options => options with { Guesses = new(PerId: 20, PerAddress: 300) });
        await entitled.Machines.AddAsync(TierName.Parse("own"), SystemId.Parse("M-1"), "s3cret", null, TestContext.Current.CancellationToken);

        var verdicts = await GuessAsync(entitled, 200, i => ("M-1", $"guess-{i}"), s_attacker, "own");
        var owner = await entitled.DecideAsync("own", Credentials.Of("M-1", "s3cret"), s_office);
        var known = await entitled.DecideAsync("own", Credentials.Of("M-1", "s3cret"), s_attacker);

        verdicts.OfType<Verdict.Denied>().Should().HaveCount(20);
        verdicts.OfType<Verdict.Unknown>().Should().HaveCount(180);
        new[] { owner, known }.Should().AllBeOfType<Verdict.Allowed>();
    }

    [Fact]
    public void A_million_invented_ids_and_addresses_take_no_more_memory_than_some_thousand()
    {
        var guesses = new Guesses(new(), TimeProvider.System);
        var tier = Tier.Enterprise(new("http://127.0.0.1/"));
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var i = 0; i < 1_000_000; i++)
        {
            guesses.Wrong(tier, SystemId.Parse($"invented-{i}"), AddressBlock.Of(new IPAddress(i)), idCounts: true);
        }

        guesses.Counters.Should().BeLessThanOrEqualTo(4 * 65_536);
        (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan(24 << 20);
        GC.KeepAlive(guesses);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:3:4:5:6", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("0.0.0.5", "0:0:0:5::", false)]
    public void An_address_is_as_much_as_one_client_cannot_change_at_will(string one, string other, bool same) =>
        (AddressBlock.Of(IPAddress.Parse(one)) == AddressBlock.Of(IPAddress.Parse(other))).Should().Be(same);

    private static async Task<List<Verdict>> GuessAsync(Entitled entitled, int count, Func<int, (string Id, string Secret)> credentials, AddressBlock from, string tier = "enterprise")
    {
        var verdicts = new List<Verdict>();
        for (var i = 0; i < count; i++)
        {
            var (id, secret) = credentials(i);
            verdicts.Add(await entitled.DecideAsync(tier, Credentials.Of(id, secret), from));
        }

        return verdicts;
    }
}
