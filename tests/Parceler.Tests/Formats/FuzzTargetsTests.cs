using Parceler.Fuzz;

namespace Parceler.Tests.Formats;

/// <summary>What fuzz/run.sh gives to afl++ works, without afl++: a reader that refuses all of its seeds would be fuzzed in vain.</summary>
public class FuzzTargetsTests
{
    private const int Changed = 50; // inputs for each target

    public static TheoryData<string> Targets => [.. FuzzTarget.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Each_reader_reads_a_seed(string name)
    {
        foreach (var reader in FuzzTarget.Named(name).Readers)
        {
            reader.Invoking(reader => reader.Read(reader.Seeds().First())).Should().NotThrow(reader.Name);
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void What_becomes_of_seeds_is_read_or_refused(string name)
    {
        var target = FuzzTarget.Named(name);
        var mutations = new Mutations(target, seed: 1);
        for (var at = 0; at < Changed; at++)
        {
            var input = mutations.Next();
            target.Invoking(target => target.Run(input)).Should().NotThrow($"{Convert.ToBase64String(input)} is an input");
        }
    }

    [Fact]
    public void A_reader_that_breaks_a_promise_is_noticed()
    {
        static FuzzTarget Reading(Action<byte[]> read) => new("a", [FuzzReader.OfData("b", read, () => [])], []);

        using var watch = new ReaderWatch(mostSeconds: 0.05);
        byte[] input = [0, 1];

        watch.Invoking(watch => watch.Run(Reading(_ => { }), input)).Should().NotThrow();
        watch.Invoking(watch => watch.Run(Reading(_ => throw new InvalidDataException()), input)).Should().NotThrow();
        watch.Invoking(watch => watch.Run(Reading(_ => throw new InvalidOperationException()), input)).Should().Throw<InvalidOperationException>();
        watch.Invoking(watch => watch.Run(Reading(_ => Spin(0.4)), input)).Should().Throw<FuzzFaultException>().WithMessage("*took 0.* s*");
        watch.Invoking(watch => watch.Run(Reading(_ => new byte[300 << 20].AsSpan().Fill(1)), input)).Should().Throw<FuzzFaultException>().WithMessage("*MB*");
    }

    [Fact]
    public void A_long_file_has_a_short_form()
    {
        var target = new FuzzTarget("a", [FuzzReader.OfData("b", _ => { }, () => ["x\nyy\n"u8.ToArray()])], []);

        var files = target.Seeds().Select(seed => target.FileOf(seed)!.Value.File).ToList();

        files.Should().HaveCount(3);
        files[0].Should().Equal("x\nyy\n"u8.ToArray());
        files[1].Length.Should().BeGreaterThan(500_000);
        files[2].AsSpan().StartsWith("x\nyy\nyy\n"u8).Should().BeTrue();
    }

    private static void Spin(double seconds)
    {
        for (var watch = System.Diagnostics.Stopwatch.StartNew(); watch.Elapsed.TotalSeconds < seconds;)
        {
            Thread.SpinWait(1000);
        }
    }
}
