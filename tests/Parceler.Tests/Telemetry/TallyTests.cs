using Parceler.Delivery;

namespace Parceler.Tests.Telemetry;

public sealed class TallyTests
{
    private const int Threads = 8;
    private const int Rounds = 400_000; // so many that they run on all processors

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(17)]
    public void What_many_threads_count_adds_up(int kinds)
    {
        var tally = new Tally(kinds);
        var threads = Enumerable.Range(0, Threads).Select(_ => new Thread(() => Count(tally, kinds))).ToList();

        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        var each = Enumerable.Range(0, kinds).Select(kind => Enumerable.Range(0, Rounds).Count(i => i % kinds == kind));
        Enumerable.Range(0, kinds).Select(kind => tally[kind]).Should().Equal(each.Select((count, kind) => Threads * count * (kind + 1L)));
    }

    private static void Count(Tally tally, int kinds)
    {
        for (var i = 0; i < Rounds; i++)
        {
            tally.Add(i % kinds, (i % kinds) + 1);
        }
    }
}
