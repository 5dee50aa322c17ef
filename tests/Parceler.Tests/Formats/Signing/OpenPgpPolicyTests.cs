using System.Text;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Bcpg.Sig;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;
using Parceler.Formats.Signing;

namespace Parceler.Tests.Formats.Signing;

/// <summary>Signatures that are right, by a trusted key, and still not to be believed.</summary>
public class OpenPgpPolicyTests
{
    private const string Text = "Suite: stable\n";
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Theory]
    [InlineData("SHA1")]
    [InlineData("MD5")]
    [InlineData("RIPEMD160")]
    public void Refuses_a_broken_hash(string hash)
    {
        using var gpg = new GpgHome();
        gpg.Generate("a", "rsa2048");

        Reason(gpg, Sign(gpg, "--digest-algo", hash, "--allow-weak-digest-algos")).Should().Contain("broken");
    }

    [Fact]
    public void Refuses_a_short_key()
    {
        using var gpg = new GpgHome();
        gpg.Generate("a", "rsa1024");
        var signature = Sign(gpg);

        Reason(gpg, signature).Should().Contain("1024 bits");
        Verify(gpg.Run("--export"), signature, Now, OpenPgpPolicy.Default with { ShortestKey = 1024 }).Should().BeOfType<OpenPgpVerdict.Good>();
    }

    [Fact]
    public void Refuses_a_key_that_has_expired()
    {
        using var gpg = new GpgHome();
        gpg.Generate("a", "ed25519", expire: "10d");
        var (keys, signature) = (gpg.Run("--export"), Sign(gpg));

        Verify(keys, signature, Now.AddDays(9)).Should().BeOfType<OpenPgpVerdict.Good>();
        Reason(Verify(keys, signature, Now.AddDays(11))).Should().Contain("has expired");
    }

    [Fact]
    public void Takes_the_newest_word_of_a_key_on_when_it_expires()
    {
        using var gpg = new GpgHome();
        gpg.Generate("a", "ed25519", expire: "10d", options: ["--faked-system-time", "20250101T000000"]);
        var old = gpg.Run("--export");
        gpg.Run("--quick-set-expire", gpg.Fingerprints("a")[0], "20d");
        var signature = Sign(gpg);

        Verify([.. old, .. gpg.Run("--export")], signature, Now.AddDays(1)).Should().BeOfType<OpenPgpVerdict.Good>();
        Reason(Verify(old, signature, Now)).Should().Contain("has expired");
    }

    [Fact]
    public void Refuses_a_signature_that_has_expired()
    {
        using var gpg = new GpgHome();
        gpg.Generate("a", "ed25519");
        var signature = Sign(gpg, "--default-sig-expire", "5d");

        Verify(gpg.Run("--export"), signature, Now.AddDays(4)).Should().BeOfType<OpenPgpVerdict.Good>();
        Reason(Verify(gpg.Run("--export"), signature, Now.AddDays(6))).Should().Contain("it has expired");
    }

    [Fact]
    public void Refuses_a_signature_from_the_future_and_one_older_than_its_key()
    {
        using var gpg = new GpgHome();
        gpg.Generate("a", "ed25519");
        var key = OpenPgpSecretKey.Parse(gpg.Run("--export-secret-keys"));

        Reason(gpg, Encoding.ASCII.GetBytes(key.Sign(Message(), Now.AddHours(1)))).Should().Contain("future");
        Reason(gpg, Encoding.ASCII.GetBytes(key.Sign(Message(), Now.AddDays(-1)))).Should().Contain("older than its key");
    }

    [Fact]
    public void Refuses_a_revoked_key()
    {
        using var gpg = new GpgHome();
        gpg.Generate("a", "ed25519");
        var signature = Sign(gpg);
        var revocation = File.ReadAllText(Directory.GetFiles(gpg["home/openpgp-revocs.d"]).Single()).Replace(":-----", "-----", StringComparison.Ordinal);

        Verify(gpg.Run("--export"), signature, Now).Should().BeOfType<OpenPgpVerdict.Good>();
        gpg.Run("--import", gpg.Write("revocation", revocation));

        Reason(gpg, signature).Should().Contain("the key is revoked");
    }

    [Fact]
    public void Refuses_a_revoked_subkey_and_one_that_has_expired()
    {
        using var gpg = new GpgHome();
        gpg.Generate("a", "ed25519", "cert");
        gpg.Run("--quick-add-key", gpg.Fingerprints("a")[0], "ed25519", "sign", "10d");
        var (before, signature) = (gpg.Run("--export"), Sign(gpg));

        RealProgram.Run("sh", "-c", $"printf 'key 1\\nrevkey\\ny\\n0\\n\\ny\\nsave\\n' | gpg --homedir '{gpg["home"]}' --command-fd 0 --status-fd 2 --no-tty --pinentry-mode loopback --passphrase '' --edit-key a").ExitCode.Should().Be(0);

        Verify(before, signature, Now.AddDays(9)).Should().BeOfType<OpenPgpVerdict.Good>();
        Reason(Verify(before, signature, Now.AddDays(11))).Should().Contain("the subkey has expired");
        Reason(gpg, signature).Should().Contain("the subkey is revoked");
    }

    [Theory]
    [InlineData(true, KeyFlags.SignData, null)]
    [InlineData(false, KeyFlags.SignData, "does not say to belong")] // anyone could have bound the subkey of another
    [InlineData(true, KeyFlags.EncryptComms, "not meant for signing")]
    public void Believes_a_subkey_that_both_sides_bound_for_signing(bool isBoundBack, int flags, string? reason)
    {
        var (keys, signature) = SubkeyOf(isBoundBack, flags);

        var verdict = Verify(keys, signature, Now);

        (verdict as OpenPgpVerdict.Refused)?.ToString().Should().Contain(reason);
        (verdict is OpenPgpVerdict.Good).Should().Be(reason is null);
    }

    [Fact]
    public void Refuses_a_subkey_put_beside_the_key_of_another()
    {
        using var gpg = new GpgHome();
        gpg.Generate("a", "ed25519");
        var (stranger, signature) = SubkeyOf(isBoundBack: true, KeyFlags.SignData);
        var packets = Part(stranger);

        Reason(Verify([.. gpg.Run("--export"), .. packets[^2], .. packets[^1]], signature, Now)).Should().Contain("not bound");
    }

    [Fact]
    public void Refuses_a_key_whose_only_word_on_itself_is_over_sha1_unless_told()
    {
        using var gpg = new GpgHome();
        gpg.Generate("a", "rsa2048", options: ["--cert-digest-algo", "SHA1", "--allow-weak-key-signatures"]);
        var signature = Sign(gpg);

        Reason(gpg, signature).Should().Contain("no signature of its own");
        Verify(gpg.Run("--export"), signature, Now, OpenPgpPolicy.Default with { AllowsSha1InKeys = true }).Should().BeOfType<OpenPgpVerdict.Good>();
    }

    [Fact]
    public void Refuses_a_key_without_a_word_on_itself()
    {
        using var gpg = new GpgHome();
        gpg.Generate("a", "ed25519");

        Reason(Verify([.. Part(gpg.Run("--export"))[0]], Sign(gpg), Now)).Should().Contain("no signature of its own");
    }

    private static byte[] Sign(GpgHome gpg, params string[] options) => gpg.Run([.. options, "--detach-sign", gpg.Write("message", Text)]);

    private static string Reason(GpgHome gpg, byte[] signature) => Reason(Verify(gpg.Run("--export"), signature, Now));

    private static string Reason(OpenPgpVerdict verdict) => verdict.Should().BeOfType<OpenPgpVerdict.Refused>().Which.ToString();

    private static OpenPgpVerdict Verify(byte[] keys, byte[] signature, DateTimeOffset now, OpenPgpPolicy? policy = null) =>
        new OpenPgpVerifier(OpenPgpKeyring.Parse(keys), policy ?? OpenPgpPolicy.Default).Verify(Message(), signature, now.AddMinutes(1));

    private static MemoryStream Message() => new(Encoding.UTF8.GetBytes(Text));

    /// <summary>The packets of a file whose lengths take one or two bytes.</summary>
    private static List<byte[]> Part(byte[] file)
    {
        var packets = new List<byte[]>();
        for (var at = 0; at < file.Length;)
        {
            var isNew = (file[at] & 0x40) != 0;
            var isShort = isNew ? file[at + 1] < 192 : (file[at] & 3) == 0;
            var length = isShort ? file[at + 1] + 2 : isNew ? ((file[at + 1] - 192) << 8) + file[at + 2] + 192 + 3 : (file[at + 1] << 8) + file[at + 2] + 3;
            packets.Add(file[at..(at + length)]);
            at += length;
        }

        return packets;
    }

    private static (byte[] Keys, byte[] Signature) SubkeyOf(bool isBoundBack, int flags)
    {
        var created = Now.AddDays(-1).UtcDateTime;
        var (primary, subkey) = (Pair(created), Pair(created));
        var generator = new PgpKeyRingGenerator(
            PgpSignature.PositiveCertification, primary, "a", SymmetricKeyAlgorithmTag.Null, HashAlgorithmTag.Sha256, Array.Empty<byte>(), false, About(created, KeyFlags.CertifyOther).Generate(), null, new SecureRandom());
        var about = About(created, flags);
        if (isBoundBack)
        {
            var back = new PgpSignatureGenerator(PublicKeyAlgorithmTag.EdDsa_Legacy, HashAlgorithmTag.Sha256);
            back.InitSign(PgpSignature.PrimaryKeyBinding, subkey.PrivateKey);
            back.SetHashedSubpackets(About(created).Generate());
            about.AddEmbeddedSignature(false, back.GenerateCertification(primary.PublicKey, subkey.PublicKey));
        }

        generator.AddSubKey(subkey, about.Generate(), null, HashAlgorithmTag.Sha256);
        var signing = new PgpSignatureGenerator(PublicKeyAlgorithmTag.EdDsa_Legacy, HashAlgorithmTag.Sha256);
        signing.InitSign(PgpSignature.BinaryDocument, subkey.PrivateKey);
        signing.Update(Encoding.UTF8.GetBytes(Text));
        return (generator.GeneratePublicKeyRing().GetEncoded(), signing.Generate().GetEncoded());
    }

    private static PgpKeyPair Pair(DateTime created)
    {
        var generator = new Ed25519KeyPairGenerator();
        generator.Init(new Ed25519KeyGenerationParameters(new SecureRandom()));
        return new(PublicKeyAlgorithmTag.EdDsa_Legacy, generator.GenerateKeyPair(), created);
    }

    private static PgpSignatureSubpacketGenerator About(DateTime created, int? flags = null)
    {
        var about = new PgpSignatureSubpacketGenerator();
        about.SetSignatureCreationTime(false, created);
        if (flags is { } value)
        {
            about.SetKeyFlags(true, value);
        }

        return about;
    }
}
