using System.Text;
using Parceler.Formats.Compression;
using Parceler.Tests.Support;

namespace Parceler.Tests.Formats.Compression;

public class CompressedStreamTests
{
    private const int Megabyte = 1 << 20;
    private static readonly byte[] Text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(at => $"line {at * 7919 % 10007}\n")));

    [Theory]
    [InlineData("gzip", ".gz")]
    [InlineData("xz", ".xz")]
    [InlineData("xz --check=crc32", ".xz")]
    [InlineData("xz --check=sha256", ".xz")]
    [InlineData("xz --check=none", ".xz")]
    [InlineData("xz --block-size=100000", ".xz")]
    [InlineData("xz -T2 --block-size=100000", ".xz")] // with sizes in the headers of blocks
    [InlineData("xz -9e", ".xz")]
    [InlineData("zstd -q", ".zst")]
    [InlineData("zstd -q --ultra -22", ".zst")]
    [InlineData("cat", ".txt")]
    public void Reads_what_the_real_programs_packed(string program, string extension) =>
        Unpack(Pack(program, Text), CompressedStream.MethodOf($"file{extension}")).Should().Equal(Text);

    [Theory]
    [InlineData("xz", CompressionMethod.Xz)]
    [InlineData("zstd -q", CompressionMethod.Zstd)]
    public void Reads_one_file_after_the_other(string program, CompressionMethod method)
    {
        var twice = Pack(program, Text).Concat(Pack(program, Text)).ToArray();

        Unpack(twice, method).Should().Equal([.. Text, .. Text]);
    }

    [Fact]
    public void Reads_the_padding_between_streams_of_xz() =>
        Unpack([.. Pack("xz", Text), .. new byte[8], .. Pack("xz", Text), .. new byte[4]], CompressionMethod.Xz).Should().HaveCount(2 * Text.Length);

    [Theory]
    [InlineData("gzip", CompressionMethod.Gzip)]
    [InlineData("xz", CompressionMethod.Xz)]
    [InlineData("zstd -q", CompressionMethod.Zstd)]
    [InlineData("cat", CompressionMethod.None)]
    public void Reads_nothing_from_a_packed_nothing(string program, CompressionMethod method) => Unpack(Pack(program, []), method).Should().BeEmpty();

    [Theory]
    [InlineData("gzip -dc", CompressionMethod.Gzip)]
    [InlineData("zstd -qdc", CompressionMethod.Zstd)]
    [InlineData("cat", CompressionMethod.None)]
    public void Real_programs_read_what_it_packed(string program, CompressionMethod method)
    {
        Pack(program, PackHere(Text, method)).Should().Equal(Text);
        Pack(program, PackHere([], method)).Should().BeEmpty();
        PackHere(Text, method).Should().Equal(PackHere(Text, method));
    }

    [Theory]
    [InlineData("gzip", CompressionMethod.Gzip)]
    [InlineData("xz", CompressionMethod.Xz)]
    [InlineData("zstd -q", CompressionMethod.Zstd)]
    public void Refuses_every_part_of_a_file(string program, CompressionMethod method)
    {
        var whole = Pack(program, "some text"u8.ToArray());

        for (var length = method == CompressionMethod.Zstd ? 1 : 0; length < whole.Length; length++)
        {
            var part = whole[..length];
            FluentActions.Invoking(() => Unpack(part, method)).Should().Throw<InvalidDataException>($"{length} bytes are a part");
        }
    }

    [Theory]
    [InlineData("gzip", CompressionMethod.Gzip)]
    [InlineData("xz", CompressionMethod.Xz)]
    [InlineData("zstd -q", CompressionMethod.Zstd)]
    public void Refuses_what_unpacks_to_more_than_the_limit(string program, CompressionMethod method)
    {
        var bomb = Pack(program, new byte[8 * Megabyte]);

        FluentActions.Invoking(() => Unpack(bomb, method, new(Megabyte))).Should().Throw<InvalidDataException>().WithMessage("*more than 1048576*");
    }

    [Theory]
    [InlineData("xz --lzma2=dict=64MiB", CompressionMethod.Xz)]
    [InlineData("zstd -q --ultra --long=25 --no-content-size", CompressionMethod.Zstd)]
    public void Refuses_a_file_that_asks_for_more_memory_than_the_limit(string program, CompressionMethod method)
    {
        var greedy = Pack(program, Text);

        FluentActions.Invoking(() => Unpack(greedy, method, new(Megabyte, Window: 8 * Megabyte))).Should().Throw<InvalidDataException>();
        Unpack(greedy, method).Should().Equal(Text);
    }

    [Fact]
    public void Refuses_tiny_blocks_that_would_take_large_memory_again_and_again()
    {
        var blocks = Pack("xz --block-size=10 --lzma2=dict=16MiB", Text[..2000]);

        FluentActions.Invoking(() => Unpack(blocks, CompressionMethod.Xz)).Should().Throw<InvalidDataException>().WithMessage("*many blocks*");
    }

    [Theory]
    [InlineData("xz --check=crc32", CompressionMethod.Xz)]
    [InlineData("xz --check=crc64", CompressionMethod.Xz)]
    [InlineData("xz --check=sha256", CompressionMethod.Xz)]
    [InlineData("gzip", CompressionMethod.Gzip)]
    [InlineData("zstd -q", CompressionMethod.Zstd)]
    public void Refuses_content_that_unpacks_but_was_changed(string program, CompressionMethod method)
    {
        var packed = Pack(program, Noise(1000)); // stands in the file as it is
        packed[packed.AsSpan().IndexOf(Noise(1000).AsSpan(100, 20))] ^= 1;

        FluentActions.Invoking(() => Unpack(packed, method)).Should().Throw<InvalidDataException>();
    }

    [Fact]
    public void Refuses_blocks_of_xz_with_the_index_of_others()
    {
        const int Footer = 12;
        var (one, other) = (Pack("xz", Noise(1000)), Pack("xz", Noise(2000)));
        var (end, otherEnd) = (Footer + (4 * (one[^8] + 1)), Footer + (4 * (other[^8] + 1)));

        FluentActions.Invoking(() => Unpack([.. one[..^end], .. other[^otherEnd..]], CompressionMethod.Xz)).Should().Throw<InvalidDataException>();
        Unpack([.. one[..^end], .. one[^end..]], CompressionMethod.Xz).Should().HaveCount(1000);
    }

    [Theory]
    [InlineData("gzip", CompressionMethod.Gzip)]
    [InlineData("xz --lzma2=dict=64KiB", CompressionMethod.Xz)]
    [InlineData("xz --block-size=30 --lzma2=dict=64KiB", CompressionMethod.Xz)]
    [InlineData("zstd -q", CompressionMethod.Zstd)]
    public void Never_fails_in_another_way(string program, CompressionMethod method)
    {
        var valid = Pack(program, Text[..200]);
        void Read(byte[] file) => Unpack(file, method, new(Megabyte, Window: Megabyte));

        Hostile.SampleMutations<InvalidDataException>(valid, Read);
        Hostile.SampleNoise<InvalidDataException>(valid, Read);
    }

    private static byte[] Noise(int length)
    {
        var noise = new byte[length];
        new Random(1).NextBytes(noise);
        return noise;
    }

    private static byte[] Unpack(byte[] packed, CompressionMethod method) => Unpack(packed, method, new(100 * Megabyte));

    private static byte[] Unpack(byte[] packed, CompressionMethod method, DecompressionLimits limits)
    {
        using var unpacked = CompressedStream.OpenRead(new MemoryStream(packed), method, limits);
        using var output = new MemoryStream();
        unpacked.CopyTo(output);
        return output.ToArray();
    }

    private static byte[] PackHere(byte[] content, CompressionMethod method)
    {
        using var output = new MemoryStream();
        using (var packing = CompressedStream.OpenWrite(output, method))
        {
            packing.Write(content);
        }

        return output.ToArray();
    }

    private static byte[] Pack(string program, byte[] content)
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["in"], content);
        RealProgram.Require(program.Split(' ')[0]);
        RealProgram.Run("sh", "-c", $"{program} < '{folder["in"]}' > '{folder["out"]}'").Should().Be((0, ""));
        return File.ReadAllBytes(folder["out"]);
    }
}
