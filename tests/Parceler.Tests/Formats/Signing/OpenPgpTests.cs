using System.Text;
using Parceler.Formats.Signing;

namespace Parceler.Tests.Formats.Signing;

/// <summary>Both ways against gpg and gpgv.</summary>
public class OpenPgpTests
{
    private const string Text = "Suite: stable\n- a line with a dash\n-----\n  blanks before and after \t \n\nlast\n";
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    private static readonly OpenPgpSecretKey Key = OpenPgpSecretKey.Generate("Parceler test <test@example.org>", Now.AddDays(-1));

    [Fact]
    public void Gpgv_accepts_our_key_and_detached_signature()
    {
        using var gpg = new GpgHome();
        var message = gpg.Write("Release", Text);
        var signature = gpg.Write("Release.gpg", Key.Sign(Stream(Text), Now));
        File.WriteAllBytes(gpg["key.gpg"], gpg.Run("--dearmor", gpg.Write("key.asc", Key.ToPublicText())));

        var run = RealProgram.Run("gpgv", "--keyring", gpg["key.gpg"], signature, message);

        run.ExitCode.Should().Be(0, run.Output);
        run.Output.Should().Contain("Good signature from \"Parceler test <test@example.org>\"").And.Contain(Key.Fingerprint.ToUpperInvariant());
    }

    [Fact]
    public void Gpgv_reads_our_signed_text()
    {
        using var gpg = new GpgHome();
        var inRelease = gpg.Write("InRelease", Key.SignClear(Text, Now));
        File.WriteAllBytes(gpg["key.gpg"], gpg.Run("--dearmor", gpg.Write("key.asc", Key.ToPublicText())));

        var run = RealProgram.Run("gpgv", "--keyring", gpg["key.gpg"], "--output", gpg["text"], inRelease);

        run.ExitCode.Should().Be(0, run.Output);
        File.ReadAllText(gpg["text"]).Should().Be("Suite: stable\n- a line with a dash\n-----\n  blanks before and after\n\nlast\n");
    }

    [Theory]
    [InlineData("rsa3072")]
    [InlineData("ed25519")]
    [InlineData("nistp256")]
    [InlineData("dsa2048")]
    public void Verifies_and_makes_signatures_with_a_key_of_gpg(string kind)
    {
        using var gpg = new GpgHome();
        gpg.Generate("a", kind);
        var keyring = OpenPgpKeyring.Parse(gpg.Run("--export"));
        var message = gpg.Write("message", Text);
        var fingerprint = gpg.Fingerprints("a")[0];
        byte[][] signatures = [gpg.Run("--detach-sign", message), gpg.Run("--armor", "--detach-sign", message), gpg.Run("--textmode", "--detach-sign", message)];

        signatures.Select(signature => Verify(keyring, Text, signature)).Should().AllBeOfType<OpenPgpVerdict.Good>().And.OnlyContain(good => ((OpenPgpVerdict.Good)good).Key == fingerprint);
        VerifyClear(keyring, gpg.Run("--clear-sign", message)).Should().BeOfType<OpenPgpVerdict.Good>();

        var ours = OpenPgpSecretKey.Parse(gpg.Run("--export-secret-keys"));
        ours.Fingerprint.Should().Be(fingerprint);
        gpg.TryRun("--verify", gpg.Write("sig", ours.Sign(Stream(Text), TimeProvider.System.GetUtcNow())), message).Output.Should().Contain("Good signature");
    }

    [Fact]
    public void Signs_and_verifies_with_the_subkey_for_signing()
    {
        using var gpg = new GpgHome();
        gpg.Generate("a", "ed25519", "cert");
        var fingerprint = gpg.Fingerprints("a")[0];
        gpg.Run("--quick-add-key", fingerprint, "cv25519", "encr");
        gpg.Run("--quick-add-key", fingerprint, "ed25519", "sign");
        var subkey = gpg.Fingerprints("a")[2];
        var keyring = OpenPgpKeyring.Parse(gpg.Run("--armor", "--export"));

        var ours = OpenPgpSecretKey.Parse(gpg.Run("--armor", "--export-secret-keys")).Sign(Stream(Text), TimeProvider.System.GetUtcNow());
        byte[][] signatures = [gpg.Run("--detach-sign", gpg.Write("message", Text)), Encoding.ASCII.GetBytes(ours)];

        signatures.Select(signature => Verify(keyring, Text, signature)).Should().AllSatisfy(verdict =>
            verdict.Should().BeOfType<OpenPgpVerdict.Good>().Which.Should().Match<OpenPgpVerdict.Good>(good => good.Key == fingerprint && good.SigningKey == subkey));
    }

    [Fact]
    public void Verifies_with_any_of_several_keys_and_signatures()
    {
        using var gpg = new GpgHome();
        gpg.Generate("a", "ed25519");
        gpg.Generate("b", "ed25519");
        gpg.Generate("c", "ed25519");
        var signature = gpg.Run("-u", "a", "-u", "b", "--detach-sign", gpg.Write("message", Text));

        Verify(OpenPgpKeyring.Parse([.. gpg.Run("--export", "c"), .. gpg.Run("--export", "b")]), Text, signature)
            .Should().BeOfType<OpenPgpVerdict.Good>().Which.Key.Should().Be(gpg.Fingerprints("b")[0]);
        Verify(OpenPgpKeyring.Parse([.. gpg.Run("--armor", "--export", "c"), .. gpg.Run("--armor", "--export", "a")]), Text, signature)
            .Should().BeOfType<OpenPgpVerdict.Good>().Which.Key.Should().Be(gpg.Fingerprints("a")[0]);
        Reason(Verify(OpenPgpKeyring.Parse(gpg.Run("--export", "c")), Text, signature)).Should().Contain("not trusted");
    }

    [Fact]
    public void Verifies_in_any_number_of_threads_with_one_keyring()
    {
        using var gpg = new GpgHome();
        gpg.Generate("a", "ed25519");
        var keyring = OpenPgpKeyring.Parse(gpg.Run("--export"));
        var signature = gpg.Run("--detach-sign", gpg.Write("message", Text));

        var verdicts = Enumerable.Range(0, 200).AsParallel().WithDegreeOfParallelism(8).Select(_ => Verify(keyring, Text, signature)).ToArray();

        verdicts.Should().AllBeOfType<OpenPgpVerdict.Good>();
    }

    [Fact]
    public void Verifies_the_release_that_this_machine_took_from_Debian()
    {
        const string lists = "/var/lib/apt/lists";
        const string keys = "/usr/share/keyrings/debian-archive-keyring.gpg";
        var releases = Directory.Exists(lists) ? Directory.GetFiles(lists, "*debian*InRelease") : [];
        Assert.SkipUnless(releases.Length > 0 && File.Exists(keys), "this machine has no InRelease of Debian");
        var keyring = OpenPgpKeyring.Parse(File.ReadAllBytes(keys));

        foreach (var release in releases)
        {
            var text = ClearsignedText.Parse(File.ReadAllBytes(release));
            var verdict = new OpenPgpVerifier(keyring, OpenPgpPolicy.Default).Verify(text, File.GetLastWriteTimeUtc(release));

            verdict.Should().BeOfType<OpenPgpVerdict.Good>($"{release}: {verdict}");
            Parceler.Formats.Apt.AptRelease.Parse(text.Text).Files.Should().NotBeEmpty();
        }
    }

    [Fact]
    public void Reads_keys_that_it_wrote()
    {
        var key = OpenPgpSecretKey.Parse(Encoding.ASCII.GetBytes(Key.ToSecretText()));

        var signature = Encoding.ASCII.GetBytes(key.Sign(Stream(Text), Now));

        Verify(OpenPgpKeyring.Parse(Encoding.ASCII.GetBytes(key.ToPublicText())), Text, signature).Should().BeOfType<OpenPgpVerdict.Good>();
    }

    [Fact]
    public void Refuses_a_changed_text()
    {
        var keyring = OpenPgpKeyring.Parse(Encoding.ASCII.GetBytes(Key.ToPublicText()));

        Reason(Verify(keyring, Text + "x", Encoding.ASCII.GetBytes(Key.Sign(Stream(Text), Now)))).Should().Contain("does not fit");
        Reason(VerifyClear(keyring, Encoding.UTF8.GetBytes(Key.SignClear(Text, Now).Replace("stable", "sid", StringComparison.Ordinal)))).Should().Contain("does not fit");
    }

    private static OpenPgpVerdict Verify(OpenPgpKeyring keyring, string text, byte[] signature) =>
        new OpenPgpVerifier(keyring, OpenPgpPolicy.Default).Verify(Stream(text), signature, TimeProvider.System.GetUtcNow());

    private static OpenPgpVerdict VerifyClear(OpenPgpKeyring keyring, byte[] text) =>
        new OpenPgpVerifier(keyring, OpenPgpPolicy.Default).Verify(ClearsignedText.Parse(text), TimeProvider.System.GetUtcNow());

    private static string Reason(OpenPgpVerdict verdict) => verdict.Should().BeOfType<OpenPgpVerdict.Refused>().Which.ToString();

    private static MemoryStream Stream(string text) => new(Encoding.UTF8.GetBytes(text));
}
