using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Bcpg.Sig;

namespace Parceler.Formats.Signing;

/// <summary>
/// Whether a key may sign at a time: not revoked, not expired, bound to its primary key and meant for signing. The library checks none of it.
/// Source: RFC 9580, section 5.2 and 10.1.
/// </summary>
internal sealed class OpenPgpKeyCheck(OpenPgpPolicy policy, DateTimeOffset now)
{
    private static readonly HashAlgorithmTag[] Strong = [HashAlgorithmTag.Sha256, HashAlgorithmTag.Sha384, HashAlgorithmTag.Sha512, HashAlgorithmTag.Sha3_256, HashAlgorithmTag.Sha3_512];

    // what is looked at here, or says nothing about whether a signature holds; one with another critical part is not understood
    private static readonly SignatureSubpacketTag[] Understood =
    [
        SignatureSubpacketTag.CreationTime, SignatureSubpacketTag.ExpireTime, SignatureSubpacketTag.KeyExpireTime, SignatureSubpacketTag.KeyFlags,
        SignatureSubpacketTag.IssuerKeyId, SignatureSubpacketTag.IssuerFingerprint, SignatureSubpacketTag.EmbeddedSignature, SignatureSubpacketTag.Features,
        SignatureSubpacketTag.PrimaryUserId, SignatureSubpacketTag.SignerUserId, SignatureSubpacketTag.RevocationReason, SignatureSubpacketTag.Revocable,
        SignatureSubpacketTag.Exportable, SignatureSubpacketTag.PolicyUrl, SignatureSubpacketTag.KeyServerPreferences, SignatureSubpacketTag.PreferredKeyServer,
        SignatureSubpacketTag.PreferredHashAlgorithms, SignatureSubpacketTag.PreferredSymmetricAlgorithms, SignatureSubpacketTag.PreferredCompressionAlgorithms,
        SignatureSubpacketTag.PreferredAeadAlgorithms,
    ];

    /// <summary>Why the key may not sign, or null if it may.</summary>
    public string? WhyNot(OpenPgpCertificate certificate, PgpPublicKey key)
    {
        var primary = certificate.Primary;
        if (IsRevoked(primary, primary))
        {
            return "the key is revoked";
        }

        if (Newest(SelfSignatures(primary)) is not { } self)
        {
            return "the key has no signature of its own that holds";
        }

        return WhyTooWeak(primary) ?? (HasExpired(primary, self) ? "the key has expired" : null)
            ?? (key == primary ? (MaySign(self) ? null : "the key is not meant for signing") : WhyNotSubkey(primary, key));
    }

    /// <summary>Why a signature cannot be believed whoever made it, or null.</summary>
    public string? WhyNot(PgpSignature signature, PgpPublicKey key)
    {
        var created = TimeOf(signature.CreationTime);
        var hashed = signature.GetHashedSubPackets();
        return !Strong.Contains(signature.HashAlgorithm) ? $"it is over {signature.HashAlgorithm}, which is broken or unknown"
            : !hashed.HasSignatureCreationTime() || created > now + policy.ClockSkew ? "it was made in the future, or at no time"
            : created < TimeOf(key.CreationTime) ? "it is older than its key"
            : hashed.GetSignatureExpirationTime() is > 0 and var seconds && created.AddSeconds(seconds) <= now ? "it has expired"
            : hashed.GetCriticalTags().Except(Understood).Any() ? "it has a critical part that is not understood"
            : null;
    }

    private string? WhyNotSubkey(PgpPublicKey primary, PgpPublicKey subkey)
    {
        if (IsRevoked(primary, subkey))
        {
            return "the subkey is revoked";
        }

        var bindings = subkey.GetSignatures().Where(signature => signature.SignatureType == PgpSignature.SubkeyBinding && Holds(signature, primary, primary, subkey));
        return Newest(bindings) is not { } binding ? "the subkey is not bound to its key"
            : HasExpired(subkey, binding) ? "the subkey has expired"
            : !MaySign(binding) ? "the subkey is not meant for signing"
            : !IsBoundBack(primary, subkey, binding) ? "the subkey does not say to belong to its key"
            : WhyTooWeak(subkey);
    }

    // or anyone could take the signing subkey of another for his own
    private bool IsBoundBack(PgpPublicKey primary, PgpPublicKey subkey, PgpSignature binding) =>
        new[] { binding.GetHashedSubPackets(), binding.GetUnhashedSubPackets() }
            .SelectMany(packets => EmbeddedIn(packets))
            .Any(back => back.SignatureType == PgpSignature.PrimaryKeyBinding && back.KeyId == subkey.KeyId && Holds(back, subkey, primary, subkey));

    private static IEnumerable<PgpSignature> EmbeddedIn(PgpSignatureSubpacketVector? packets)
    {
        var embedded = packets?.GetEmbeddedSignatures();
        return embedded is null ? [] : Enumerable.Range(0, embedded.Count).Select(at => embedded[at]);
    }

    // the signature over the key itself, or over its names that were not taken back
    private IEnumerable<PgpSignature> SelfSignatures(PgpPublicKey primary)
    {
        var direct = primary.GetKeySignatures().Where(signature => signature.SignatureType == PgpSignature.DirectKey && Holds(signature, primary, primary));
        return direct.Concat(primary.GetRawUserIds().SelectMany(id => SelfSignatures(primary, id)));
    }

    private IEnumerable<PgpSignature> SelfSignatures(PgpPublicKey primary, byte[] id)
    {
        var own = (primary.GetSignaturesForId(id) ?? []).Where(signature => signature.KeyId == primary.KeyId).ToArray();
        var revocations = own.Where(signature => signature.SignatureType == PgpSignature.CertificationRevocation && OpenPgpSum.Fits(signature, primary, primary, userId: id));
        var revoked = revocations.Select(signature => signature.CreationTime).DefaultIfEmpty().Max();
        return own.Where(signature => signature.IsCertification() && signature.CreationTime > revoked && Holds(signature, primary, primary, userId: id));
    }

    // here any hash counts: a revocation is the safe side
    private static bool IsRevoked(PgpPublicKey primary, PgpPublicKey key) => key.GetSignatures().Any(signature =>
        key == primary
            ? signature.SignatureType == PgpSignature.KeyRevocation && OpenPgpSum.Fits(signature, primary, primary)
            : signature.SignatureType == PgpSignature.SubkeyRevocation && OpenPgpSum.Fits(signature, primary, primary, key));

    private bool Holds(PgpSignature signature, PgpPublicKey signer, PgpPublicKey key, PgpPublicKey? subkey = null, byte[]? userId = null) =>
        (WhyNot(signature, signer) is null || IsAllowedSha1(signature)) && OpenPgpSum.Fits(signature, signer, key, subkey, userId);

    private bool IsAllowedSha1(PgpSignature signature) => policy.AllowsSha1InKeys && signature.HashAlgorithm == HashAlgorithmTag.Sha1 && TimeOf(signature.CreationTime) <= now;

    private string? WhyTooWeak(PgpPublicKey key) => key.Algorithm switch
    {
        PublicKeyAlgorithmTag.RsaGeneral or PublicKeyAlgorithmTag.RsaSign or PublicKeyAlgorithmTag.Dsa => key.BitStrength >= policy.ShortestKey ? null : $"the key has only {key.BitStrength} bits",
        PublicKeyAlgorithmTag.ECDsa or PublicKeyAlgorithmTag.EdDsa_Legacy or PublicKeyAlgorithmTag.Ed25519 or PublicKeyAlgorithmTag.Ed448 => null,
        _ => "the key is of a kind that does not sign",
    };

    private bool HasExpired(PgpPublicKey key, PgpSignature self) =>
        self.GetHashedSubPackets().GetKeyExpirationTime() is > 0 and var seconds && TimeOf(key.CreationTime).AddSeconds(seconds) <= now;

    private static bool MaySign(PgpSignature self) =>
        !self.GetHashedSubPackets().HasSubpacket(SignatureSubpacketTag.KeyFlags) || (self.GetHashedSubPackets().GetKeyFlags() & KeyFlags.SignData) != 0;

    private static PgpSignature? Newest(IEnumerable<PgpSignature> signatures) => signatures.MaxBy(signature => signature.CreationTime);

    private static DateTimeOffset TimeOf(DateTime utc) => new(DateTime.SpecifyKind(utc, DateTimeKind.Utc));
}
