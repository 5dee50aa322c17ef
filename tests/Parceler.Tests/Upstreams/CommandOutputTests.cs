using System.Text;
using Parceler.Upstreams;

namespace Parceler.Tests.Upstreams;

public sealed class CommandOutputTests : IDisposable
{
    private readonly CommandBench _bench = new();

    [Theory]
    [InlineData("a\nb\n", "a|b")]
    [InlineData("a\r\nb", "a|b")]
    [InlineData("10%\r50%\r100%\n", "10%|50%|100%")]
    [InlineData("a\n\nb\n", "a||b")]
    [InlineData("", "")]
    [InlineData("é – 漢\n", "é – 漢")]
    [InlineData("a\0b\tc\u001b[1m\n", "a\uFFFDb\tc\uFFFD[1m")]
    public void Output_is_cut_into_lines_wherever_its_pieces_end(string output, string lines)
    {
        var bytes = Encoding.UTF8.GetBytes(output);
        foreach (var piece in (int[])[1, 2, 3, 4096])
        {
            string.Join('|', Read(new InPieces(bytes, piece)).Seen).Should().Be(lines);
        }
    }

    [Fact]
    public void Invalid_text_is_replaced() => Read([0x66, 0xff, 0xc3, 0x0a]).Seen.Should().Equal("f\uFFFD\uFFFD");

    [Fact]
    public void A_long_line_is_cut_between_characters()
    {
        var (seen, last) = Read(Encoding.UTF8.GetBytes("x" + new string('é', 5000) + "\nnext\n"));

        seen.Should().Equal("x" + new string('é', 2047) + "…", "next");
        last.Should().Equal("x" + new string('é', 498) + "…", "next");
    }

    [Fact]
    public async Task A_flood_is_taken_line_by_line()
    {
        var (lines, longest) = (0L, 0);
        var run = _bench.Prepare("yes 'a line of the flood' | head -c 30M; head -c 30M /dev/zero | tr '\\0' x; echo; echo end");

        var outcome = await _bench.Upstream.RunAsync(
            run,
            line => (lines, longest) = (lines + 1, Math.Max(longest, line.Length)),
            TestContext.Current.CancellationToken
        );

        outcome.Should().BeOfType<CommandOutcome.Completed>();
        lines.Should().BeGreaterThan(1_400_000);
        longest.Should().Be(4097);
    }

    [Fact]
    public void A_line_without_end_takes_no_memory()
    {
        using var endless = new InPieces(Encoding.ASCII.GetBytes(new string('x', 50_000_000)), 4096);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Read(endless).Seen.Should().ContainSingle().Which.Should().HaveLength(4097);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(2_000_000);
    }

    private static (List<string> Seen, IReadOnlyList<string> Last) Read(byte[] output) => Read(new MemoryStream(output));

    private static (List<string> Seen, IReadOnlyList<string> Last) Read(Stream output)
    {
        var seen = new List<string>();
        var lines = new CommandOutput(seen.Add);
        lines.ReadToEnd(output);
        return (seen, lines.LastLines);
    }

    public void Dispose() => _bench.Dispose();

    private sealed class InPieces(byte[] content, int size) : MemoryStream(content)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(size, buffer.Length)]);
    }
}
