using System.Text;
using Parceler.Formats.Signing;

namespace Parceler.Tests.Formats.Signing;

public class UsignTests
{
    private static readonly byte[] Message = Encoding.UTF8.GetBytes("Package: parceler-hello\n\n");

    // made with signify-openbsd -G -n
    private const string KnownPublic = "untrusted comment: signify public key\nRWTTV0xhwNtpm1kMBltju8YGsTKTSaK3cSv6IbbCBslysI2Scf6dpCyW\n";
    private const string KnownSecret =
        "untrusted comment: signify secret key\n"
        + "RWRCSwAAAAANbJysG63ceVQX5UI+zWV3KzYyVhXNN5LTV0xhwNtpm8+62omxOUDStceuU+TW9hhcYphk0PymBFNxqzuD52EuWQwGW2O7xgaxMpNJordxK/ohtsIGyXKwjZJx/p2kLJY=\n";

    [Fact]
    public void Verifies_what_it_signed()
    {
        var key = UsignSecretKey.Generate();

        key.PublicKey.Verify(Message, key.Sign(Message)).Should().BeTrue();
    }

    [Fact]
    public void Refuses_a_changed_message_and_the_signature_of_another_key()
    {
        var key = UsignSecretKey.Generate();

        key.PublicKey.Verify([.. Message, 10], key.Sign(Message)).Should().BeFalse();
        key.PublicKey.Verify(Message, UsignSecretKey.Generate().Sign(Message)).Should().BeFalse();
    }

    [Fact]
    public void Refuses_a_signature_that_only_claims_the_fingerprint()
    {
        var key = UsignSecretKey.Generate();
        var content = Convert.FromBase64String(UsignSecretKey.Generate().Sign(Message).ToText().Split('\n')[1]);
        Convert.FromBase64String(key.PublicKey.ToText().Split('\n')[1]).AsSpan(2, 8).CopyTo(content.AsSpan(2));

        var forged = UsignSignature.Parse($"untrusted comment: x\n{Convert.ToBase64String(content)}\n");

        forged.Signer.Should().Be(key.PublicKey.Fingerprint);
        key.PublicKey.Verify(Message, forged).Should().BeFalse();
    }

    [Fact]
    public void Reads_keys_and_signatures_that_it_wrote()
    {
        var key = UsignSecretKey.Parse(UsignSecretKey.Generate().ToText());
        var signature = UsignSignature.Parse(key.Sign(Message).ToText());

        UsignPublicKey.Parse(key.PublicKey.ToText()).Verify(Message, signature).Should().BeTrue();
    }

    [Fact]
    public void Reads_keys_that_signify_made()
    {
        var key = UsignSecretKey.Parse(KnownSecret);

        key.PublicKey.ToText().Split('\n')[1].Should().Be(KnownPublic.Split('\n')[1]);
        key.PublicKey.Fingerprint.ToString().Should().Be("d3574c61c0db699b");
    }

    [Fact]
    public void Names_the_fingerprint_of_the_key_in_its_comment() =>
        UsignSecretKey.Parse(KnownSecret).Sign(Message).ToText().Should().StartWith("untrusted comment: signed by key d3574c61c0db699b\n");

    [Theory]
    [InlineData("")]
    [InlineData("RWTTV0xhwNtpm1kMBltju8YGsTKTSaK3cSv6IbbCBslysI2Scf6dpCyW\n")] // no comment
    [InlineData("untrusted comment: x\nRWTTV0xhwNtpm1kMBltju8YGsTKTSaK3cSv6IbbCBslysI2Scf6dpA==\n")] // one byte short
    [InlineData("untrusted comment: x\nQWTTV0xhwNtpm1kMBltju8YGsTKTSaK3cSv6IbbCBslysI2Scf6dpCyW\n")] // another algorithm
    [InlineData("untrusted comment: x\nRWTTV0xhwNtpm1kMBltju8YGsTKTSaK3cSv6IbbCBslysI2Scf6dpCyW\nmore\n")]
    [InlineData("untrusted comment: x\n!!!\n")]
    public void Refuses_what_is_no_public_key(string text) => FluentActions.Invoking(() => UsignPublicKey.Parse(text)).Should().Throw<FormatException>();

    [Theory]
    [InlineData(4, "password")] // rounds
    [InlineData(3, "damaged")] // the password's hash
    [InlineData(24, "damaged")] // checksum
    [InlineData(40, "damaged")] // seed
    [InlineData(103, "damaged")] // public point
    public void Refuses_a_secret_key_with_a_byte_changed(int at, string reason)
    {
        var content = Convert.FromBase64String(KnownSecret.Split('\n')[1]);
        content[at] ^= 1;

        FluentActions.Invoking(() => UsignSecretKey.Parse($"untrusted comment: x\n{Convert.ToBase64String(content)}\n"))
            .Should().Throw<FormatException>().WithMessage($"*{reason}*");
    }

    [Fact]
    public void Refuses_a_public_half_of_another_key_even_with_a_checksum_that_fits()
    {
        var content = Convert.FromBase64String(KnownSecret.Split('\n')[1]);
        content[103] ^= 1;
        System.Security.Cryptography.SHA512.HashData(content.AsSpan(40)).AsSpan(0, 8).CopyTo(content.AsSpan(24));

        FluentActions.Invoking(() => UsignSecretKey.Parse($"untrusted comment: x\n{Convert.ToBase64String(content)}\n"))
            .Should().Throw<FormatException>();
    }
}
