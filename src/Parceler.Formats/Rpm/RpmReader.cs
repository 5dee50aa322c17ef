using System.Security.Cryptography;
using Parceler.Formats.Archives;

namespace Parceler.Formats.Rpm;

/// <summary>
/// Reads what an .rpm says of itself: a lead, a header of signatures, the header, the packed content. It holds the headers only. The content has
/// to fit the digests in the headers; a broken or hostile file is an <see cref="InvalidDataException"/>.
/// </summary>
public sealed class RpmReader(RpmLimits limits)
{
    private const int LeadLength = 96;
    private const int Sha256 = 8;
    private static readonly byte[] Magic = [0xed, 0xab, 0xee, 0xdb, 3];

    /// <summary>Reads the file to its end.</summary>
    public RpmFile Read(Stream rpm)
    {
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var hashed = new HashedStream(rpm, whole);
        if (!Take(hashed, LeadLength).AsSpan().StartsWith(Magic))
        {
            throw new InvalidDataException("The file is no rpm package");
        }

        var signatures = RpmHeader.Read(hashed, limits.Header);
        Take(hashed, -signatures.Whole.Length & 7);
        var start = hashed.Count;
        var header = RpmHeader.Read(hashed, limits.Header);
        var end = hashed.Count;
        var payload = SHA256.HashData(hashed);
        Check(signatures, header, payload, hashed.Count - start);
        return new(RpmHeaderPackage.Of(header, signatures) with
        {
            Checksum = Convert.ToHexStringLower(whole.GetHashAndReset()),
            PackageSize = hashed.Count,
            HeaderRange = (start, end),
        }, header, signatures);
    }

    internal static byte[] Take(Stream stream, int count)
    {
        using var taken = new MemoryStream(); // grows with what is there, not with what the file says
        var buffer = new byte[Math.Min(count, 1 << 16)];
        while (taken.Length < count)
        {
            var read = stream.Read(buffer.AsSpan(0, (int)Math.Min(count - taken.Length, buffer.Length)));
            taken.Write(buffer, 0, read > 0 ? read : throw new InvalidDataException("The package is cut short"));
        }

        return taken.ToArray();
    }

    private static void Check(RpmHeader signatures, RpmHeader header, byte[] payload, long length)
    {
        var size = signatures.Number(RpmTag.SignatureLongSize) ?? signatures.Number(RpmTag.SignatureSize);
        Require((ulong)length == (size ?? (ulong)length), "its length");
        Require(IsSum(signatures.Text(RpmTag.SignatureSha256), SHA256.HashData(header.Whole)), "the hash of its header");
        var isKnown = header.Number(RpmTag.PayloadDigestAlgorithm) == Sha256;
        Require(!isKnown || IsSum(header.Text(RpmTag.PayloadDigest), payload), "the hash of its content");
    }

    private static bool IsSum(string text, byte[] sum) => text.Length == 0 || text == Convert.ToHexStringLower(sum);

    private static void Require(bool isTrue, string subject)
    {
        if (!isTrue)
        {
            throw new InvalidDataException($"The package is damaged: {subject} does not fit");
        }
    }
}
