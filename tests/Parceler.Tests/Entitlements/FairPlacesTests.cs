using System.Net;
using Parceler.Entitlements;

namespace Parceler.Tests.Entitlements;

/// <summary>Who waits for a place, and who gives way.</summary>
public sealed class FairPlacesTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Places_go_to_those_who_came_first()
    {
        var places = new FairPlaces(1, 10, s_long);
        var first = await EnterAsync(places, 1);
        var waiting = Enumerable.Range(0, 3).Select(i => EnterAsync(places, i)).ToList();

        places.Leave();
        (await waiting[0]).Should().BeTrue();
        waiting[1].IsCompleted.Should().BeFalse();
        places.Leave();
        (await waiting[1]).Should().BeTrue();
        places.Leave();
        places.Leave();

        first.Should().BeTrue();
        (await waiting[2]).Should().BeTrue();
        (await EnterAsync(places, 9)).Should().BeTrue("all places are free again");
        EnterAsync(places, 9).IsCompleted.Should().BeFalse("but there is only one");
    }

    [Fact]
    public async Task When_the_line_is_full_the_address_with_most_in_it_gives_way()
    {
        var places = new FairPlaces(1, 10, s_long);
        await EnterAsync(places, 1);
        var greedy = Enumerable.Range(0, 20).Select(_ => EnterAsync(places, 1)).ToList();
        var others = Enumerable.Range(2, 4).Select(i => EnterAsync(places, i)).ToList();

        greedy[..6].Should().AllSatisfy(turn => turn.IsCompleted.Should().BeFalse());
        foreach (var turn in greedy[6..])
        {
            (await turn).Should().BeFalse("its newest go first");
        }

        others.Should().AllSatisfy(turn => turn.IsCompleted.Should().BeFalse());
        places.Waiting.Should().Be(10);
    }

    [Fact]
    public async Task Nobody_gives_way_to_one_who_would_have_as_much_in_the_line()
    {
        var places = new FairPlaces(1, 10, s_long);
        await EnterAsync(places, 1);
        var waiting = Enumerable.Range(2, 10).Select(i => EnterAsync(places, i)).ToList();

        (await EnterAsync(places, 99)).Should().BeFalse();

        waiting.Should().AllSatisfy(turn => turn.IsCompleted.Should().BeFalse());
    }

    [Fact]
    public async Task Who_has_left_is_forgotten()
    {
        var places = new FairPlaces(1, 10, TimeSpan.FromMilliseconds(20));
        await EnterAsync(places, 1);
        for (var i = 2; i < 6; i++)
        {
            (await EnterAsync(places, i)).Should().BeFalse();
        }

        places.Addresses.Should().Be(0);
    }

    [Fact]
    public async Task What_can_wait_takes_half_of_the_line_at_most()
    {
        var places = new FairPlaces(1, 10, s_long);
        await EnterAsync(places, 1);
        var urgent = Enumerable.Range(0, 5).Select(i => EnterAsync(places, i)).ToList();

        var later = await places.TryEnterAsync(AddressOf(99), mayWaitLong: false, Cancellation);

        later.Should().BeFalse();
        urgent.Should().AllSatisfy(turn => turn.IsCompleted.Should().BeFalse());
    }

    [Fact]
    public async Task Nobody_waits_longer_than_a_client_does()
    {
        var places = new FairPlaces(1, 10, TimeSpan.FromMilliseconds(50));
        await EnterAsync(places, 1);

        (await EnterAsync(places, 2)).Should().BeFalse();

        places.Waiting.Should().Be(0);
        places.Leave();
        (await EnterAsync(places, 2)).Should().BeTrue();
    }

    [Fact]
    public async Task Who_leaves_the_line_takes_no_place()
    {
        var places = new FairPlaces(1, 10, s_long);
        await EnterAsync(places, 1);
        using var leaves = new CancellationTokenSource();
        var leaving = places.TryEnterAsync(AddressOf(2), mayWaitLong: true, leaves.Token).AsTask();
        var staying = EnterAsync(places, 3);

        await leaves.CancelAsync();
        places.Leave();

        await FluentActions.Awaiting(() => leaving).Should().ThrowAsync<OperationCanceledException>();
        (await staying).Should().BeTrue();
    }

    private static Task<bool> EnterAsync(FairPlaces places, int from) => places.TryEnterAsync(AddressOf(from), mayWaitLong: true, Cancellation).AsTask();

    private static AddressBlock AddressOf(int number) => AddressBlock.Of(new IPAddress(number));
}
