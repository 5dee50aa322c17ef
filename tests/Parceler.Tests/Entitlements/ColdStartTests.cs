using System.Net;
using Parceler.Entitlements;
using Parceler.Tests.Support;

namespace Parceler.Tests.Entitlements;

/// <summary>Many machines at once that nobody knows, or whose allowances are to be renewed.</summary>
public sealed class ColdStartTests
{
    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task Each_machine_costs_one_question_and_so_many_are_under_way_at_once()
    {
        await using var entitled = await Entitled.StartAsync(options => options with { AuthorityConcurrency = 8 });
        entitled.Server.Everybody = new(200) { Delay = s_delay };

        var verdicts = await Task.WhenAll(Enumerable.Range(0, 100).SelectMany(i => Enumerable.Range(0, 5).Select(_ => DecideAsync(entitled, i))));

        verdicts.Should().AllBeOfType<Verdict.Allowed>();
        entitled.Server.Calls.Should().HaveCount(100);
        entitled.Server.MostAtOnce.Should().Be(8);
    }

    [Fact]
    public async Task Who_finds_no_place_in_the_line_is_told_to_come_back_and_passes_then()
    {
        await using var entitled = await Entitled.StartAsync(options => options with { AuthorityConcurrency = 2 });
        entitled.Server.Everybody = new(200);
        entitled.Server.Hold();
        var rush = Enumerable.Range(0, 100).Select(i => DecideAsync(entitled, i)).ToList();
        await Wait.UntilAsync(() => rush.Count(turn => turn.IsCompleted) == 100 - 2 - 32, "the rest waits");
        entitled.Server.Release();
        var verdicts = await Task.WhenAll(rush);

        var later = new List<Verdict>();
        for (var i = 0; i < 100; i++)
        {
            later.Add(await DecideAsync(entitled, i));
        }

        verdicts.OfType<Verdict.Allowed>().Should().HaveCount(34);
        verdicts.OfType<Verdict.Busy>().Should().HaveCount(66);
        later.Should().AllBeOfType<Verdict.Allowed>();
        entitled.Server.Calls.Should().HaveCount(100);
    }

    [Fact]
    public async Task One_address_that_fills_the_line_does_not_keep_the_others_out()
    {
        await using var entitled = await Entitled.StartAsync(options => options with { AuthorityConcurrency = 2 });
        entitled.Server.Everybody = new(200);
        entitled.Server.Hold();
        var greedy = Enumerable.Range(0, 100).Select(i => DecideAsync(entitled, i, from: 1)).ToList();
        await Wait.UntilAsync(() => greedy.Count(turn => turn.IsCompleted) == 66, "the line is full");

        var others = Enumerable.Range(100, 10).Select(i => DecideAsync(entitled, i, from: i)).ToList();
        await Wait.UntilAsync(() => greedy.Count(turn => turn.IsCompleted) == 76, "the others found room");
        entitled.Server.Release();

        (await Task.WhenAll(others)).Should().AllBeOfType<Verdict.Allowed>();
    }

    [Fact]
    public async Task Nobody_is_refused_who_was_entitled_before_however_many_come()
    {
        await using var entitled = await Entitled.StartAsync(options => options with { AuthorityConcurrency = 2, Limits = new() { WithAllowance = TimeSpan.FromMilliseconds(100) } });
        entitled.Server.Everybody = new(200);
        for (var i = 0; i < 200; i++)
        {
            await DecideAsync(entitled, i);
        }

        await entitled.RestartAsync();
        entitled.Pass(TimeSpan.FromDays(3)); // all allowances are over, and inside the outage grace
        entitled.Server.Hold();
        var verdicts = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => DecideAsync(entitled, i)));
        entitled.Server.Release();

        verdicts.Should().AllBeOfType<Verdict.Allowed>();
    }

    [Fact]
    public async Task A_question_that_comes_late_is_not_lost()
    {
        await using var entitled = await Entitled.StartAsync(options => options with { AuthorityConcurrency = 1, Limits = new() { Whole = TimeSpan.FromMilliseconds(100), Turn = TimeSpan.FromMinutes(1) } });
        entitled.Server.Everybody = new(200) { Delay = TimeSpan.FromMilliseconds(80) };

        var verdicts = await Task.WhenAll(Enumerable.Range(0, 5).Select(i => DecideAsync(entitled, i)));
        await entitled.SettleAsync();
        var calls = entitled.Server.Calls.Count;
        var later = await Task.WhenAll(Enumerable.Range(0, 5).Select(i => DecideAsync(entitled, i)));

        verdicts.OfType<Verdict.Busy>().Should().NotBeEmpty("clients give up, so it is no use to let them wait");
        later.Should().AllBeOfType<Verdict.Allowed>();
        (calls, entitled.Server.Calls.Count).Should().Be((5, 5));
    }

    private static Task<Verdict> DecideAsync(Entitled entitled, int machine, int? from = null) =>
        entitled.DecideAsync("enterprise", Credentials.Of($"M-{machine}", "s3cret"), AddressBlock.Of(new IPAddress(from ?? machine)));
}
