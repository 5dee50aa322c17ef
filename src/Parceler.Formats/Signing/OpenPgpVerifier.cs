using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Parceler.Formats.Signing;

/// <summary>Checks OpenPGP signatures: Release.gpg, InRelease, repomd.xml.asc. One good signature by a key of the keyring is enough. Any number of threads may use it.</summary>
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
        var candidates = FindCandidates(signatures, check, reasons);
        var buffer = new byte[1 << 16];
        for (var read = 1; read > 0 && candidates.Count > 0;)
        {
            read = message.Read(buffer);
            candidates.ForEach(candidate => candidate.Sum.AddContent(buffer.AsSpan(0, read)));
        }

        var good = candidates.Find(candidate => candidate.Sum.Fits());
        candidates.ForEach(candidate => candidate.Sum.Dispose());
        reasons.AddRange(good is null ? candidates.Select(candidate => $"{Name(candidate.Signature)}: it does not fit the content") : []);
        return good is not null ? good.ToVerdict()
            : new OpenPgpVerdict.Refused(reasons.Count > 0 ? reasons : ["there is no signature of version 4"]);
    }

    private List<Candidate> FindCandidates(List<PgpSignature> signatures, OpenPgpKeyCheck check, List<string> reasons)
    {
        lock (keyring.Checking)
        {
            return [.. signatures.SelectMany(signature => CandidatesOf(signature, check, reasons))];
        }
    }

    // the keyring may hold a key twice, of different days; the first that may sign does
    private IEnumerable<Candidate> CandidatesOf(PgpSignature signature, OpenPgpKeyCheck check, List<string> reasons)
    {
        var refusals = new List<string>();
        foreach (var certificate in keyring.Certificates)
        {
            if (certificate.Find(signature.KeyId) is not { } key)
            {
                continue;
            }

            if (WhyNot(signature, certificate, key, check) is { } reason)
            {
                refusals.Add(reason);
            }
            else if (OpenPgpSum.Begin(signature, key) is { } sum)
            {
                return [new(signature, certificate, key, sum)];
            }
            else
            {
                refusals.Add("its kind is not known");
            }
        }

        reasons.AddRange(refusals.DefaultIfEmpty("its key is not trusted").Select(reason => $"{Name(signature)}: {reason}"));
        return [];
    }

    private static string? WhyNot(PgpSignature signature, OpenPgpCertificate certificate, PgpPublicKey key, OpenPgpKeyCheck check)
    {
        try
        {
            return signature.SignatureType is PgpSignature.BinaryDocument or PgpSignature.CanonicalTextDocument
                ? check.WhyNot(signature, key) ?? check.WhyNot(certificate, key)
                : "it is no signature of a file";
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return $"it or its key is damaged ({error.Message})"; // parts that the library reads only when they are asked for
        }
    }

    private static string Name(PgpSignature signature) => $"signature by {signature.KeyId:x16}";

    private sealed record Candidate(PgpSignature Signature, OpenPgpCertificate Certificate, PgpPublicKey Key, OpenPgpSum Sum)
    {
        public OpenPgpVerdict.Good ToVerdict() =>
            new(Certificate.Fingerprint, OpenPgpCertificate.FingerprintOf(Key), new(DateTime.SpecifyKind(Signature.CreationTime, DateTimeKind.Utc)));
    }
}
