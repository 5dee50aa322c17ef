using Parceler.Storage;

namespace Parceler.Tests.Storage;

public class DigestTests
{
    private const string OfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; // FIPS 180-2, B.1

    [Fact]
    public void Is_the_sha256_of_the_content() => Digest.Of("abc"u8).ToString().Should().Be(OfAbc);

    [Fact]
    public void Reads_what_it_writes() => Digest.Parse(OfAbc).Should().Be(Digest.Of("abc"u8));

    [Theory]
    [InlineData("")]
    [InlineData("ba7816bf")]
    [InlineData("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD")]
    [InlineData("za7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    public void Refuses_what_is_no_digest(string text) => Digest.TryParse(text, null, out _).Should().BeFalse();
}
