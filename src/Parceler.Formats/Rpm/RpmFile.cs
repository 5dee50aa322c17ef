using Parceler.Formats.Signing;

namespace Parceler.Formats.Rpm;

/// <summary>A package that was read whole, with what is needed to check the signature inside it.</summary>
public sealed class RpmFile
{
    private readonly RpmHeader _header;
    private readonly RpmHeader _signatures;

    internal RpmFile(RpmPackage package, RpmHeader header, RpmHeader signatures)
    {
        Package = package;
        _header = header;
        _signatures = signatures;
    }

    /// <summary>As an index lists it, without its place in a repository; with all its files.</summary>
    public RpmPackage Package { get; }

    /// <summary>Checks the signature over the header, which holds the hash of the content. A package signed in the old way, without, is refused.</summary>
    public OpenPgpVerdict Verify(OpenPgpVerifier verifier, DateTimeOffset now)
    {
        var signature = _signatures.Has(RpmTag.SignatureRsa) ? _signatures.Bytes(RpmTag.SignatureRsa) : _signatures.Bytes(RpmTag.SignatureDsa);
        return signature.IsEmpty ? new OpenPgpVerdict.Refused(["the package is not signed"])
            : _header.Number(RpmTag.PayloadDigestAlgorithm) != 8 ? new OpenPgpVerdict.Refused(["the signature does not reach the content of the package"])
            : verifier.Verify(new MemoryStream(_header.Whole), signature.Span, now);
    }
}
