using System.Text;
using Parceler.Formats.Signing;

namespace Parceler.Tests.Formats.Signing;

public class HostileOpenPgpTests
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    private static readonly OpenPgpSecretKey Key = OpenPgpSecretKey.Generate("a", Now.AddDays(-1));
    private static readonly OpenPgpKeyring Keyring = OpenPgpKeyring.Parse(Bytes(Key.ToPublicText()));

    [Theory]
    [InlineData("signed before\nTEXT")]
    [InlineData("TEXTmore\n")]
    [InlineData("\nTEXT")]
    [InlineData("TEXTTEXT")]
    public void Refuses_a_signed_text_with_more_beside_it(string file) =>
        FluentActions.Invoking(() => ClearsignedText.Parse(Bytes(file.Replace("TEXT", Key.SignClear("a\n", Now), StringComparison.Ordinal)))).Should().Throw<FormatException>();

    [Theory]
    [InlineData("Hash: SHA512", "Comment: not signed")]
    [InlineData("\n\na", "\na")]
    [InlineData("\na\n", "\n-a\n")]
    [InlineData("-----END PGP SIGNATURE-----", "")]
    public void Refuses_what_no_writer_of_signed_texts_writes(string from, string to) =>
        FluentActions.Invoking(() => ClearsignedText.Parse(Bytes(Key.SignClear("a\n", Now).Replace(from, to, StringComparison.Ordinal)))).Should().Throw<FormatException>();

    [Fact]
    public void Reads_a_signed_text_with_line_ends_of_windows()
    {
        var text = ClearsignedText.Parse(Bytes(Key.SignClear("a\nb\n", Now).Replace("\n", "\r\n", StringComparison.Ordinal)));

        new OpenPgpVerifier(Keyring, OpenPgpPolicy.Default).Verify(text, Now).Should().BeOfType<OpenPgpVerdict.Good>();
        text.Text.Should().Equal(Bytes("a\nb\n"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no key")]
    [InlineData("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n!!!!\n-----END PGP PUBLIC KEY BLOCK-----\n")]
    [InlineData("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDME\n")]
    public void Refuses_what_is_no_key(string file) => FluentActions.Invoking(() => OpenPgpKeyring.Parse(Bytes(file))).Should().Throw<FormatException>();

    [Fact]
    public void Refuses_an_armor_whose_sum_does_not_fit()
    {
        var text = Key.ToPublicText();
        var at = text.IndexOf("\n=", StringComparison.Ordinal) + 2;

        FluentActions.Invoking(() => OpenPgpKeyring.Parse(Bytes(text[..at] + (text[at] == 'A' ? 'B' : 'A') + text[(at + 1)..]))).Should().Throw<FormatException>();
    }

    [Fact]
    public void Reads_a_signed_text_of_very_many_lines_in_little_more_memory_than_it_has()
    {
        var text = Bytes(Key.SignClear("a\n", Now).Replace("\na\n", $"\na\n{string.Concat(Enumerable.Repeat("b\n", 500_000))}", StringComparison.Ordinal));

        Hostile.Allocated<FormatException>(() => _ = ClearsignedText.Parse(text).Text).Should().BeLessThan(20_000_000);
    }

    [Fact]
    [Trait("Speed", "slow")]
    public void Never_fails_in_another_way()
    {
        var signature = Convert.FromBase64String(string.Concat(Key.Sign(new MemoryStream(Bytes("a")), Now).Split('\n')[2..^3]));
        var keys = Convert.FromBase64String(string.Concat(Key.ToPublicText().Split('\n')[2..^3]));
        var clear = Bytes(Key.SignClear("a\nb\n", Now));
        var verifier = new OpenPgpVerifier(Keyring, OpenPgpPolicy.Default);
        void VerifySignature(byte[] file) => verifier.Verify(new MemoryStream(Bytes("a")), file, Now);
        void VerifyWith(byte[] file) => new OpenPgpVerifier(OpenPgpKeyring.Parse(file), OpenPgpPolicy.Default).Verify(new MemoryStream(Bytes("a")), signature, Now);
        void VerifyClear(byte[] file) => verifier.Verify(ClearsignedText.Parse(file), Now);

        foreach (var (valid, read) in new (byte[], Action<byte[]>)[] { (signature, VerifySignature), (keys, VerifyWith), (clear, VerifyClear) })
        {
            Hostile.SampleMutations<FormatException>(valid, read, iter: 200);
            Hostile.SampleNoise<FormatException>(valid, read, iter: 1000);
        }
    }

    [Fact]
    public void Believes_no_signature_with_a_bit_changed_in_what_is_signed_or_signs()
    {
        var signature = Convert.FromBase64String(string.Concat(Key.Sign(new MemoryStream(Bytes("a")), Now).Split('\n')[2..^3]));
        var verifier = new OpenPgpVerifier(Keyring, OpenPgpPolicy.Default);
        var hashed = 3 + 6 + signature[3 + 5]; // a header of three bytes, four kinds, and a length of two before what is hashed
        var number = signature.Length - (3072 / 8);

        var believed = Enumerable.Range(0, hashed).Concat([number, number + 100, signature.Length - 1]).Where(at =>
        {
            var changed = signature.ToArray();
            changed[at] ^= 1;
            return verifier.Verify(new MemoryStream(Bytes("a")), changed, Now) is OpenPgpVerdict.Good;
        });

        believed.Should().BeEmpty();
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
