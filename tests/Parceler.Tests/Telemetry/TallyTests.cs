using Parceler.Delivery;

namespace Parceler.Tests.Telemetry;

public sealed class TallyTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(17)]
    public void What_many_threads_count_adds_up(int kinds)
    {
        var tally = new Tally(kinds);

        Parallel.For(0, 8 * 10_000, i => tally.Add(i % kinds, i % kinds + 1));

        var counted = Enumerable.Range(0, kinds).Select(kind => tally[kind]);
        counted.Should().Equal(Enumerable.Range(0, kinds).Select(kind => Enumerable.Range(0, 8 * 10_000).Count(i => i % kinds == kind) * (kind + 1L)));
    }
}
