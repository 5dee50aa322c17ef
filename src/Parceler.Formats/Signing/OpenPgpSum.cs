using System.Buffers.Binary;
using System.Security.Cryptography;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Parceler.Formats.Signing;

/// <summary>
/// Sums up what a signature is over, and tells whether it fits. RSA is done by the system: the library looks for small factors in the modulus
/// each time it meets a key, which takes longer than all else. Source: RFC 9580, section 5.2.4.
/// </summary>
internal sealed class OpenPgpSum : IDisposable
{
    private readonly PgpSignature _signature;
    private readonly RsaPublicBcpgKey? _rsa;
    private readonly IncrementalHash? _hash;
    private readonly bool _isText;
    private bool _isAfterReturn;

    private OpenPgpSum(PgpSignature signature, PgpPublicKey signer)
    {
        _signature = signature;
        _isText = signature.SignatureType == PgpSignature.CanonicalTextDocument;
        _rsa = signature.KeyAlgorithm is PublicKeyAlgorithmTag.RsaGeneral or PublicKeyAlgorithmTag.RsaSign ? signer.PublicKeyPacket.Key as RsaPublicBcpgKey : null;
        _hash = _rsa is not null && NameOf(signature.HashAlgorithm) is { } name ? IncrementalHash.CreateHash(name) : null;
        if (_hash is null)
        {
            signature.InitVerify(signer);
        }
    }

    /// <summary>Begins, or returns null if the library does not know this kind of signature or key.</summary>
    public static OpenPgpSum? Begin(PgpSignature signature, PgpPublicKey signer)
    {
        try
        {
            return signer.Algorithm == signature.KeyAlgorithm ? new(signature, signer) : null;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return null;
        }
    }

    /// <summary>Whether a signature over keys and perhaps a name of the first fits.</summary>
    public static bool Fits(PgpSignature signature, PgpPublicKey signer, PgpPublicKey key, PgpPublicKey? subkey = null, byte[]? userId = null)
    {
        using var sum = Begin(signature, signer);
        sum?.AddKey(key);
        sum?.AddKey(subkey);
        sum?.AddUserId(userId);
        return sum?.Fits() == true;
    }

    /// <summary>Adds content of a file; a signature over text is over lines that end with CRLF.</summary>
    public void AddContent(ReadOnlySpan<byte> content)
    {
        if (!_isText)
        {
            Add(content);
            return;
        }

        while (!content.IsEmpty)
        {
            var end = content.IndexOf((byte)'\n');
            var line = end < 0 ? content : content[..end];
            Add(line);
            _isAfterReturn = line.IsEmpty ? _isAfterReturn : line[^1] == '\r';
            if (end >= 0)
            {
                Add(_isAfterReturn ? "\n"u8 : "\r\n"u8);
                _isAfterReturn = false;
            }

            content = end < 0 ? [] : content[(end + 1)..];
        }
    }

    public bool Fits()
    {
        try
        {
            return _hash is null ? _signature.Verify() : FitsRsa();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return false; // numbers that are none
        }
    }

    public void Dispose() => _hash?.Dispose();

    private static HashAlgorithmName? NameOf(HashAlgorithmTag hash) => hash switch
    {
        HashAlgorithmTag.Sha1 => HashAlgorithmName.SHA1,
        HashAlgorithmTag.Sha256 => HashAlgorithmName.SHA256,
        HashAlgorithmTag.Sha384 => HashAlgorithmName.SHA384,
        HashAlgorithmTag.Sha512 => HashAlgorithmName.SHA512,
        _ => null,
    };

    private bool FitsRsa()
    {
        Add(_signature.GetSignatureTrailer());
        var modulus = _rsa!.Modulus.ToByteArrayUnsigned();
        using var rsa = RSA.Create(new RSAParameters { Modulus = modulus, Exponent = _rsa.PublicExponent.ToByteArrayUnsigned() });
        var number = _signature.GetSignature();
        var padded = new byte[modulus.Length];
        number.CopyTo(padded.AsSpan(modulus.Length - number.Length));
        return rsa.VerifyHash(_hash!.GetHashAndReset(), padded, NameOf(_signature.HashAlgorithm)!.Value, RSASignaturePadding.Pkcs1);
    }

    private void AddKey(PgpPublicKey? key)
    {
        if (key?.PublicKeyPacket.GetEncodedContents() is { } body)
        {
            Add([0x99, (byte)(body.Length >> 8), (byte)body.Length]);
            Add(body);
        }
    }

    private void AddUserId(byte[]? userId)
    {
        if (userId is not null)
        {
            Span<byte> header = [0xB4, 0, 0, 0, 0];
            BinaryPrimitives.WriteInt32BigEndian(header[1..], userId.Length);
            Add(header);
            Add(userId);
        }
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        if (_hash is null)
        {
            _signature.Update(bytes);
        }
        else
        {
            _hash.AppendData(bytes);
        }
    }
}
