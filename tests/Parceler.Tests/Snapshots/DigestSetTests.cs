using Parceler.Snapshots;
using Parceler.Storage;

namespace Parceler.Tests.Snapshots;

public class DigestSetTests
{
    [Fact]
    public void Has_what_was_added_and_nothing_else()
    {
        var set = new DigestSet();
        for (var number = 0; number < 10_000; number += 2)
        {
            set.Add(Of(number));
            set.Add(Of(number));
        }

        set.Count.Should().Be(5_000);
        Enumerable.Range(0, 10_000).Where(number => set.Contains(Of(number))).Should().Equal(Enumerable.Range(0, 5_000).Select(number => 2 * number));
    }

    [Fact]
    public void Tells_digests_apart_that_begin_alike()
    {
        var set = new DigestSet();
        var alike = Enumerable.Range(0, 2_000).Select(number => new Digest([.. new byte[28], .. BitConverter.GetBytes(number)])).ToList();

        alike.ForEach(set.Add);

        set.Count.Should().Be(2_000);
        alike.Should().OnlyContain(digest => set.Contains(digest));
        set.Contains(Of(1)).Should().BeFalse();
        new DigestSet().Contains(default).Should().BeFalse();
    }

    private static Digest Of(int number) => Digest.Of(BitConverter.GetBytes(number));
}
