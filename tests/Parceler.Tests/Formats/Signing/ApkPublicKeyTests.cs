using Parceler.Formats.Signing;
using Parceler.Tests.Formats.Apk;

namespace Parceler.Tests.Formats.Signing;

/// <summary>A key that is damaged is refused when it is read, not when a feed is verified with it.</summary>
public class ApkPublicKeyTests
{
    [Theory]
    [InlineData(ApkSamples.EcdsaKey, 40)] // the point
    [InlineData(ApkSamples.EcdsaKey, 20)] // the name of the curve
    [InlineData(ApkSamples.RsaKey, 25)] // what its numbers stand in
    public void Refuses_a_key_whose_numbers_are_none(string pem, int at)
    {
        var lines = pem.Split('\n').Where(line => line.Length > 0 && line[0] != '-').ToArray();
        var key = Convert.FromBase64String(string.Concat(lines));
        ApkPublicKey.Parse(Pem(key)).KeyId.Should().Be(ApkPublicKey.Parse(pem).KeyId);

        key[at] ^= 0x15;

        FluentActions.Invoking(() => ApkPublicKey.Parse(Pem(key))).Should().Throw<FormatException>();
    }

    [Fact]
    public void Refuses_a_file_far_longer_than_a_key() =>
        FluentActions.Invoking(() => ApkPublicKey.Parse(new string('\n', 70_000) + ApkSamples.EcdsaKey)).Should().Throw<FormatException>(); // else one of many beginnings takes minutes

    private static string Pem(byte[] key) => $"-----BEGIN PUBLIC KEY-----\n{Convert.ToBase64String(key)}\n-----END PUBLIC KEY-----\n";
}
