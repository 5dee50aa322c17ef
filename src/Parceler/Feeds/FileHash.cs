using System.Security.Cryptography;
using Parceler.Formats.Apk;

namespace Parceler.Feeds;

/// <summary>Compares a file with a hash that its digest does not tell, by reading it.</summary>
internal static class FileHash
{
    /// <exception cref="InvalidDataException">It is no package, though the hash is of a part of one.</exception>
    public static bool Fits(Stream file, FeedHash hash) => hash == Of(file, hash.Kind);

    // indexes of old repositories name no better ones
#pragma warning disable CA5350, CA5351
    private static FeedHash Of(Stream file, FeedHashKind kind) => kind switch
    {
        FeedHashKind.Sha256 => new(kind, SHA256.HashData(file)),
        FeedHashKind.Sha512 => new(kind, SHA512.HashData(file)),
        FeedHashKind.Sha1 => new(kind, SHA1.HashData(file)),
        FeedHashKind.Md5 => new(kind, MD5.HashData(file)),
        FeedHashKind.ApkDescription => new(kind, SHA256.HashData(AdbFile.Read(file, AdbLimits.Default).Payload.Span)),
        FeedHashKind.Apk2Description => ApkFeedReader.HashOf(new ApkV2Reader(ApkV2Limits.Default).Read(file)),
        _ => default,
    };
#pragma warning restore CA5350, CA5351
}
