using System.Text;
using Parceler.Formats.Apk;
using Parceler.Formats.Signing;

namespace Parceler.Feeds;

/// <summary>
/// Proves the head of a feed with trusted keys, as its program on machines does. All signatures that are there have to hold: machines may look
/// at any of them.
/// </summary>
internal sealed class VerifyFeed(FeedTree tree, IReadOnlyList<TrustedKey> keys, DateTimeOffset now)
{
    private const string DoesNotFit = "its signature does not fit the index";

    public FeedSignature Run(FeedHead head, CancellationToken cancellation)
    {
        var found = head.Found;
        if (keys.Count == 0)
        {
            return new(found);
        }

        try
        {
            var files = new FeedFiles(tree, FeedLimits.Default, cancellation);
            return found.Format switch
            {
                FeedFormat.Opkg => VerifyOpkg(files, head),
                FeedFormat.Apk => VerifyApk(files, head),
                FeedFormat.Apk2 => VerifyApk2(files, head),
                _ => VerifyOpenPgp(files, head),
            };
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or FeedFaultException)
        {
            return new(found, Refusal: $"its signature can't be read: {FeedPath.Shown(e.Message)}");
        }
    }

    private FeedSignature VerifyOpkg(FeedFiles files, FeedHead head)
    {
        if (head.Signatures.Count == 0)
        {
            return Missing(head);
        }

        var signature = UsignSignature.Parse(Encoding.UTF8.GetString(files.ReadWhole(head.Signatures[0])));
        if (keys.OfType<TrustedKey.Usign>().FirstOrDefault(key => key.Key.Fingerprint == signature.Signer) is not { } key)
        {
            return Untrusted(head, signature.Signer.ToString());
        }

        using var index = files.OpenIndex(head.Found.Head);
        return key.Key.Verify(FeedFiles.ReadWhole(index, files.Limits.Whole), signature) ? Good(head, key, key.Fingerprint) : new(head.Found, Refusal: DoesNotFit);
    }

    private FeedSignature VerifyApk(FeedFiles files, FeedHead head)
    {
        using var stream = files.Open(head.Found.Head);
        var file = AdbFile.Read(stream, new() { Length = files.Limits.Index, Payload = files.Limits.Whole });
        var key = keys.OfType<TrustedKey.Apk>().FirstOrDefault(key => key.Key.Verify(file));
        return key is not null ? Good(head, key, key.Fingerprint)
            : file.Signatures.Count == 0 ? Missing(head) with { IsMissing = false } // it would be inside
            : keys.OfType<TrustedKey.Apk>().Any(known => file.Signatures.Any(signature => signature.KeyId == known.Fingerprint)) ? new(head.Found, Refusal: DoesNotFit)
            : Untrusted(head, string.Join(", ", file.Signatures.Select(signature => signature.KeyId)));
    }

    private FeedSignature VerifyApk2(FeedFiles files, FeedHead head)
    {
        using var stream = files.Open(head.Found.Head);
        var index = ApkV2Index.Read(stream, new() { Content = files.Limits.Whole });
        var key = Find(allowSha1: false);
        var strong = key is not null;
        key ??= Find(allowSha1: true);
        return key is not null ? Good(head, key, key.Fingerprint) with { Warning = strong ? null : "it is signed over SHA-1, which is broken; apk has no stronger one of this upstream" }
            : index.Signatures.Count == 0 ? Missing(head) with { IsMissing = false }
            : Untrusted(head, string.Join(", ", index.Signatures.Select(signature => FeedPath.Shown(signature.KeyName))));

        TrustedKey.Apk? Find(bool allowSha1) => keys.OfType<TrustedKey.Apk>()
            .FirstOrDefault(key => index.Signatures.Any(signature => index.IsSignedBy(signature.KeyName, key.Key, allowSha1)));
    }

    private FeedSignature VerifyOpenPgp(FeedFiles files, FeedHead head)
    {
        if (head.Signatures.Count == 0)
        {
            return Missing(head);
        }

        FeedSignature? good = null;
        foreach (var path in head.Signatures)
        {
            var signature = VerifyOpenPgp(files, head, path);
            if (!signature.IsSigned)
            {
                return signature;
            }

            good ??= signature;
        }

        return good!;
    }

    private FeedSignature VerifyOpenPgp(FeedFiles files, FeedHead head, string path)
    {
        var file = files.ReadWhole(path);
        var reasons = new List<string>();
        foreach (var key in keys.OfType<TrustedKey.OpenPgp>())
        {
            switch (Verify(files, key.Verifier, head, path, file))
            {
                case OpenPgpVerdict.Good proven:
                    return Good(head, key, proven.Key);
                case OpenPgpVerdict.Refused refused:
                    reasons.AddRange(refused.Reasons);
                    break;
            }
        }

        // of several files of keys, most do not know the key: what the others say matters
        var telling = reasons.FindAll(reason => !reason.EndsWith("its key is not trusted", StringComparison.Ordinal));
        return reasons.Count == 0
            ? Untrusted(head, "OpenPGP")
            : new(head.Found, Refusal: $"'{path}' does not pass: {FeedPath.Shown(string.Join("; ", (telling.Count > 0 ? telling : reasons).Distinct()))}");
    }

    private OpenPgpVerdict Verify(FeedFiles files, OpenPgpVerifier verifier, FeedHead head, string path, byte[] signature)
    {
        if (path == head.Found.Head)
        {
            return verifier.Verify(ClearsignedText.Parse(signature), now);
        }

        using var message = files.Open(head.Found.Format == FeedFormat.Apt ? $"{head.Found.Folder}Release" : head.Found.Head);
        return verifier.Verify(message, signature, now);
    }

    private static FeedSignature Good(FeedHead head, TrustedKey key, string fingerprint) => new(head.Found, fingerprint, key.Label);

    private static FeedSignature Missing(FeedHead head) => new(head.Found, Refusal: "it has no signature, and the repository has trusted keys", IsMissing: true);

    private static FeedSignature Untrusted(FeedHead head, string signer) => new(head.Found, Refusal: $"it is signed by a key that is not trusted ({signer})");
}
