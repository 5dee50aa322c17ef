using Parceler.Formats.Signing;
using Parceler.Tests.Support;

namespace Parceler.Tests.Formats.Signing;

/// <summary>Both ways against the real program: OpenBSD's signify shares its files with OpenWrt's usign.</summary>
public class SignifyTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(46)] // 64 + 46 = 110: the lengths that an old usign hashed wrongly
    [InlineData(47)]
    [InlineData(100_000)]
    public void Signify_accepts_our_keys_and_signatures(int length)
    {
        using var folder = new TempFolder();
        var key = UsignSecretKey.Generate();
        var message = folder.Write("Packages", new string('a', length));
        var publicKey = folder.Write("key.pub", key.PublicKey.ToText());
        var signature = folder.Write("Packages.sig", key.Sign(File.ReadAllBytes(message)).ToText());

        RealProgram.Run("signify-openbsd", "-V", "-p", publicKey, "-x", signature, "-m", message)
            .Should().Be((0, "Signature Verified\n"));
    }

    [Fact]
    public void Signify_refuses_a_message_changed_after_we_signed()
    {
        using var folder = new TempFolder();
        var key = UsignSecretKey.Generate();
        var publicKey = folder.Write("key.pub", key.PublicKey.ToText());
        var signature = folder.Write("Packages.sig", key.Sign("a"u8.ToArray()).ToText());

        RealProgram.Run("signify-openbsd", "-V", "-p", publicKey, "-x", signature, "-m", folder.Write("Packages", "b"))
            .ExitCode.Should().NotBe(0);
    }

    [Fact]
    public void Signify_signs_with_our_secret_key_as_we_do()
    {
        using var folder = new TempFolder();
        var key = UsignSecretKey.Generate();
        var secretKey = folder.Write("key.sec", key.ToText());
        var message = folder.Write("Packages", "Package: a\n\n");

        RealProgram.Run("signify-openbsd", "-S", "-s", secretKey, "-m", message, "-x", folder["Packages.sig"]).ExitCode.Should().Be(0);

        var ours = key.Sign(File.ReadAllBytes(message)).ToText();
        File.ReadAllLines(folder["Packages.sig"])[1].Should().Be(ours.Split('\n')[1]);
    }

    [Fact]
    public void We_verify_with_a_key_pair_and_a_signature_of_signify()
    {
        using var folder = new TempFolder();
        var message = folder.Write("Packages", "Package: a\n\n");
        RealProgram.Run("signify-openbsd", "-G", "-n", "-p", folder["key.pub"], "-s", folder["key.sec"]).ExitCode.Should().Be(0);
        RealProgram.Run("signify-openbsd", "-S", "-s", folder["key.sec"], "-m", message, "-x", folder["Packages.sig"]).ExitCode.Should().Be(0);

        var publicKey = UsignPublicKey.Parse(File.ReadAllText(folder["key.pub"]));
        var signature = UsignSignature.Parse(File.ReadAllText(folder["Packages.sig"]));

        publicKey.Verify(File.ReadAllBytes(message), signature).Should().BeTrue();
        publicKey.Verify("Package: b\n\n"u8.ToArray(), signature).Should().BeFalse();
        UsignSecretKey.Parse(File.ReadAllText(folder["key.sec"])).PublicKey.Fingerprint.Should().Be(publicKey.Fingerprint);
    }
}
