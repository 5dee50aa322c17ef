using System.Security.Cryptography;
using System.Text;
using Parceler.Formats.Archives;
using Parceler.Formats.Compression;
using Parceler.Formats.Signing;

namespace Parceler.Formats.Apk;

/// <summary>
/// The index of a repository of apk 2, APKINDEX.tar.gz: a gzip member with signatures, and one with DESCRIPTION and APKINDEX. A broken or
/// hostile file is an <see cref="InvalidDataException"/>.
/// </summary>
public sealed class ApkV2Index
{
    private readonly byte[] _signed;

    private ApkV2Index(byte[] signed, IReadOnlyList<ApkV2Signature> signatures, string? description, IReadOnlyList<ApkV2Package> packages)
    {
        _signed = signed;
        Signatures = signatures;
        Description = description;
        Packages = packages;
    }

    public IReadOnlyList<ApkV2Signature> Signatures { get; }

    public string? Description { get; }

    public IReadOnlyList<ApkV2Package> Packages { get; }

    public static ApkV2Index Read(Stream file, ApkV2Limits limits)
    {
        var members = new GzipMembers(file);
        var first = members.Next(limits.Content) ?? throw new InvalidDataException("The index is empty");
        var signatures = FilesOf(first, limits).Select(entry => ApkV2Signature.Of(entry.Key, entry.Value)).OfType<ApkV2Signature>().ToArray();
        var content = signatures.Length > 0 ? members.Next(limits.Content) : first;
        if (content is null || members.Next(limits.Content) is not null)
        {
            throw new InvalidDataException("The index is not one signed part and one signature");
        }

        var files = FilesOf(content, limits).ToLookup(entry => entry.Key, entry => entry.Value);
        var text = files["APKINDEX"].ToArray() is [var only] ? only : throw new InvalidDataException("The index has not one APKINDEX");
        var description = files["DESCRIPTION"].FirstOrDefault() is { } bytes ? Encoding.UTF8.GetString(bytes) : null;
        return new(content.Raw, signatures, description, [.. ApkV2Package.Parse(Encoding.UTF8.GetString(text))]);
    }

    /// <summary>
    /// The file, signed over SHA-256, which apk knows since 2.15; <paramref name="keyName"/> is the name of the public key in /etc/apk/keys. The
    /// same packages give the same bytes.
    /// </summary>
    public static byte[] Write(string description, IEnumerable<ApkV2Package> packages, string keyName, ApkSecretKey key)
    {
        var tar = new TarArchive(DateTimeOffset.UnixEpoch);
        var content = GzipWriter.Compress(tar.WritePlain([
            new("DESCRIPTION", Encoding.UTF8.GetBytes(description)),
            new("APKINDEX", Encoding.UTF8.GetBytes(string.Concat(packages.Select(package => $"{package}\n")))),
        ]));
        var signature = tar.WritePart([new($"{ApkV2Signature.Sha256Prefix}{keyName}", key.Sign(content, HashAlgorithmName.SHA256))]);
        return [.. GzipWriter.Compress(signature), .. content];
    }

    /// <summary>Whether the key signed it. Signatures over SHA-1, which is broken, count only if they are allowed: Alpine makes no others.</summary>
    public bool IsSignedBy(string keyName, ApkPublicKey key, bool allowSha1) => Signatures.Any(signature =>
        signature.KeyName == keyName && (allowSha1 || signature.Hash != HashAlgorithmName.SHA1) && key.Verify(_signed, signature.Bytes.Span, signature.Hash));

    private static IEnumerable<KeyValuePair<string, byte[]>> FilesOf(GzipMembers.Member member, ApkV2Limits limits) =>
        TarMember.ReadAll(new MemoryStream(member.Content), limits.Content);
}
