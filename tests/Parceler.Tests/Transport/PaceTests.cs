using Parceler.App.Transport;

namespace Parceler.Tests.Transport;

/// <summary>Who is too slow to be waited for.</summary>
public sealed class PaceTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(239, true)]
    [InlineData(240, false)]
    [InlineData(1_000_000, false)]
    public void A_client_has_to_take_some_bytes_a_second(int bytesASecond, bool isTooSlow) =>
        Enumerable.Range(0, 5 * Pace.Seconds).Any(Looks(second => second * (long)bytesASecond)).Should().Be(isTooSlow);

    [Fact]
    public void It_may_stand_still_for_a_while() =>
        Enumerable.Range(0, 5 * Pace.Seconds).Any(Looks(second => second / (Pace.Seconds - 1) * Pace.LeastBytes)).Should().BeFalse();

    [Fact]
    public void The_time_counts_from_when_it_is_waited_for()
    {
        var pace = new Pace();

        for (var second = 0; second < 10 * Pace.Seconds; second++)
        {
            pace.IsTooSlow(isWaiting: second % Pace.Seconds != 0, taken: 0).Should().BeFalse();
        }
    }

    private static Func<int, bool> Looks(Func<int, long> taken)
    {
        var pace = new Pace();
        return second => pace.IsTooSlow(isWaiting: true, taken(second));
    }
}
