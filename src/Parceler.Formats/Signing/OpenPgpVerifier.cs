using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Parceler.Formats.Signing;

/// <summary>Checks OpenPGP signatures: Release.gpg, InRelease, repomd.xml.asc. One good signature by a key of the keyring is enough.</summary>
public sealed class OpenPgpVerifier(OpenPgpKeyring keyring, OpenPgpPolicy policy)
{
    private const int MostSignatures = 64;
    private const int LongestFile = 1 << 20;

    /// <summary>
    /// Checks a detached signature, armored or not, over a file, which is read once to its end. A signature file that is none is a refusal too.
    /// </summary>
    public OpenPgpVerdict Verify(Stream message, ReadOnlySpan<byte> signature, DateTimeOffset now)
    {
        try
        {
            return Verify(message, Read(signature), new OpenPgpKeyCheck(policy, now));
        }
        catch (FormatException error)
        {
            return new OpenPgpVerdict.Refused([error.Message]);
        }
    }

    public OpenPgpVerdict Verify(ClearsignedText text, DateTimeOffset now) => Verify(new MemoryStream(text.SignedBytes()), text.Signature.Span, now);

    private static List<PgpSignature> Read(ReadOnlySpan<byte> file)
    {
        var packets = file.Length <= LongestFile ? OpenPgpPacket.Split(OpenPgpArmor.Read(file)) : [];
        if (packets.Count is 0 or > MostSignatures || packets.Exists(packet => packet.Tag != OpenPgpPacket.Signature))
        {
            throw new FormatException($"The file is not one to {MostSignatures} OpenPGP signatures");
        }

        return [.. packets.Where(packet => packet.IsVersion4).SelectMany(Parse)];
    }

    private static IEnumerable<PgpSignature> Parse(OpenPgpPacket packet)
    {
        try
        {
            return new PgpObjectFactory(packet.Whole.ToArray()).NextPgpObject() is PgpSignatureList list ? [list[0]] : [];
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw new FormatException($"The OpenPGP signature is damaged: {error.Message}", error);
        }
    }

    private OpenPgpVerdict Verify(Stream message, List<PgpSignature> signatures, OpenPgpKeyCheck check)
    {
        var reasons = new List<string>();
        var candidates = signatures.SelectMany(signature => CandidatesOf(signature, check, reasons)).ToList();
        var buffer = new byte[1 << 16];
        for (var read = 1; read > 0 && candidates.Count > 0;)
        {
            read = message.Read(buffer);
            candidates.ForEach(candidate => candidate.Signature.Update(buffer, 0, read));
        }

        var good = candidates.Find(candidate => IsRight(candidate, reasons));
        return good is not null ? good.ToVerdict()
            : new OpenPgpVerdict.Refused(reasons.Count > 0 ? reasons : ["there is no signature of version 4"]);
    }

    private List<Candidate> CandidatesOf(PgpSignature signature, OpenPgpKeyCheck check, List<string> reasons)
    {
        var found = new List<Candidate>();
        foreach (var certificate in keyring.Certificates)
        {
            if (certificate.Find(signature.KeyId) is { } key)
            {
                Add(found, new(signature, certificate, key), check, reasons);
            }
        }

        if (found.Count == 0 && !keyring.Certificates.Any(certificate => certificate.Find(signature.KeyId) is not null))
        {
            reasons.Add($"{Name(signature)}: its key is not trusted");
        }

        return found;
    }

    private static void Add(List<Candidate> found, Candidate candidate, OpenPgpKeyCheck check, List<string> reasons)
    {
        var (signature, certificate, key) = candidate;
        var isOfData = signature.SignatureType is PgpSignature.BinaryDocument or PgpSignature.CanonicalTextDocument;
        var reason = isOfData ? check.WhyNot(signature, key) ?? check.WhyNot(certificate, key) : "it is no signature of a file";
        if ((reason ?? Begin(candidate)) is { } why)
        {
            reasons.Add($"{Name(signature)}: {why}");
            return;
        }

        // the keyring may hold a key twice, and a signature is summed up once
        if (found.Count == 0)
        {
            found.Add(candidate);
        }
    }

    private static string? Begin(Candidate candidate)
    {
        try
        {
            candidate.Signature.InitVerify(candidate.Key);
            return null;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return $"its kind is not known ({error.Message})";
        }
    }

    private static bool IsRight(Candidate candidate, List<string> reasons)
    {
        var isRight = false;
        try
        {
            isRight = candidate.Signature.Verify();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // numbers that are none
        }

        if (!isRight)
        {
            reasons.Add($"{Name(candidate.Signature)}: it does not fit the content");
        }

        return isRight;
    }

    private static string Name(PgpSignature signature) => $"signature by {signature.KeyId:x16}";

    private sealed record Candidate(PgpSignature Signature, OpenPgpCertificate Certificate, PgpPublicKey Key)
    {
        public OpenPgpVerdict.Good ToVerdict() =>
            new(Certificate.Fingerprint, OpenPgpCertificate.FingerprintOf(Key), new(DateTime.SpecifyKind(Signature.CreationTime, DateTimeKind.Utc)));
    }
}
